using System.Runtime.ExceptionServices;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Writes one batch: samples by hour, partial rollup rows, full rollup rows where late samples came, new series, events; then the manifest with the new position.
/// Used once, by one thread, which may start others for parts of the batch.
/// </summary>
internal sealed class LakeFlush(LakeContext context, LakeManifest before, ISampleSource batch, CancellationToken cancellation) : IDisposable
{
    private readonly LakeTransaction _transaction = new(context);
    private readonly ILookup<long, LakeFile> _stored = before.Of(LakeFileKind.Samples).ToLookup(file => file.PartitionStart);
    private FlushPart[] _parts = [];

    public long Samples => _parts.Sum(part => part.Samples);

    public long LateSamples => _parts.Sum(part => part.LateSamples);

    /// <summary>Events written, each id once.</summary>
    public long Events { get; private set; }

    /// <param name="threads">Parts written at once, each to files of its own.</param>
    public void Run(int threads)
    {
        context.Scales.Reserve(context.Catalog.Count);
        context.Sketches.Reserve(context.Catalog.Count);
        _parts = [.. batch.Split(threads).Select(source => new FlushPart(context, _transaction, before, _stored, source))];
        WriteParts();
        RewriteTouched();
        var seriesEnd = _parts.Max(part => part.SeriesEnd);
        WriteSeries(seriesEnd);
        if (batch is IEventSource { EventSections: { Count: > 0 } sections }) Events = EventFlush.Write(context, _transaction, sections, batch.EndLsn, cancellation);
        _transaction.Commit(new HashSet<long>(), manifest => manifest with
        {
            Position = batch.EndLsn,
            SeriesCount = Math.Max(manifest.SeriesCount, seriesEnd),
            LeftOutTo = Math.Max(manifest.LeftOutTo, _parts.Max(part => part.LeftOutTo)),
        });
    }

    /// <summary>The first part on this thread, the others each on one of its own. All have ended when it returns or throws.</summary>
    private void WriteParts()
    {
        var faults = new Exception?[_parts.Length];
        var threads = Enumerable.Range(1, _parts.Length - 1).Select(at => new Thread(() => Write(at)) { IsBackground = true, Name = "lake flush" }).ToList();
        foreach (var thread in threads) thread.Start();
        Write(0);
        foreach (var thread in threads) thread.Join();
        if (Array.Find(faults, fault => fault is not null) is { } first) ExceptionDispatchInfo.Throw(first);

        void Write(int at)
        {
            try
            {
                _parts[at].Run(cancellation);
            }
            catch (Exception fault)
            {
                faults[at] = fault; // The edge of the thread: thrown again above.
            }
        }
    }

    private void RewriteTouched()
    {
        foreach (var (hour, touches) in _parts.SelectMany(part => part.Touches))
        {
            cancellation.ThrowIfCancellationRequested();
            var files = _stored[hour].Concat(_transaction.Files.Where(file => file.Kind == LakeFileKind.Samples && file.PartitionStart == hour));
            var rewrite = new RollupRewrite(context, _transaction, [.. files.OrderBy(file => file.Rank).ThenBy(file => file.Number)]);
            rewrite.Run(touches, cancellation);
        }
    }

    // Numbers are given out one after another and made durable in that order, so all up to the greatest in the batch are in the catalog for good.
    private void WriteSeries(int end)
    {
        if (end <= before.SeriesCount) return;
        var pending = _transaction.Begin(LakeFileKind.Series, 0);
        SeriesFileWriter.Write(pending.Temporary, context.Options, context.Catalog, before.SeriesCount, end);
        _transaction.Finish(pending, [new RowGroupStats(end - before.SeriesCount, 0, 0, before.SeriesCount, end - 1, 0, 0)]);
    }

    public void Dispose()
    {
        foreach (var part in _parts) part.Dispose();
        _transaction.Dispose();
    }
}
