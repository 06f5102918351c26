using System.Buffers;
using System.Runtime.CompilerServices;
using DataLayer.Engines;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Ingest.Shards;
using DataLayer.Query.Answers;

namespace DataLayer.Query.Samples;

/// <summary>
/// Runs one samples query over a pair of views that fit each other: hot samples that the engine's view does not hold, and the engine's. The series are cut in parts;
/// threads, as many as are free, make text of one part after the other; one sends it in order, up to the limit. Owned by one query.
/// </summary>
/// <param name="hasRollups">The engine's view answers rollups; else all is made of raw samples.</param>
internal sealed class SamplesExecutor(SamplesQuery query, ISeriesCatalog catalog, HotSnapshot hot, IEngineSnapshot stored, bool hasRollups, QueryThreads threads)
{
    private readonly BucketGrid _grid = new(query.StartMicros, query.EndMicros, query.StepMicros);
    private readonly Aggregation _aggregation = query.Aggregation ?? new Aggregation(AggregationKind.Average, 0);
    private int _rowsLeft = query.Limit;
    private bool _hasBegun;
    private bool _isTruncated;

    public async Task RunAsync(int[] series, ResultFormat format, AnswerBuffer buffer, CancellationToken cancellation)
    {
        using var writer = SamplesWriter.Create(format);
        writer.Begin(buffer);
        await foreach (var block in TextAsync(series, format, cancellation).ConfigureAwait(false))
        {
            using (block) Take(block, writer, buffer);
            if (_isTruncated) break;
            if (buffer.IsFull) await buffer.FlushAsync(cancellation).ConfigureAwait(false);
        }

        writer.End(buffer, _isTruncated);
        await buffer.FlushAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Puts a block into the answer; what is beyond the limit is cut.</summary>
    private void Take(TextBlock block, SamplesWriter writer, AnswerBuffer buffer)
    {
        var rows = Math.Min(_rowsLeft, block.RowCount);
        _isTruncated = rows < block.RowCount;
        _rowsLeft -= rows;
        var text = _isTruncated ? block.FirstRows(rows) : block.Text;
        buffer.Write(_hasBegun || text.IsEmpty ? text : text[writer.Separator.Length..]);
        if (_isTruncated && (rows > 0 || block.IsContinued)) buffer.Write(writer.SeriesEnd);
        _hasBegun = true;
    }

    private IAsyncEnumerable<TextBlock> TextAsync(int[] series, ResultFormat format, CancellationToken cancellation)
    {
        if (query.StepMicros is null && query.Aggregation is null) return TextAsync(SeriesParts.Of(series), Samples, format, int.MaxValue, cancellation);

        // Quantiles are exact where the raw samples are; where retention has removed some, sketches answer the whole range.
        var segments = SamplesPlan.Make(_grid, !hasRollups ? long.MinValue : _aggregation.IsQuantile ? stored.RawFromMicros : long.MaxValue);
        var bySketches = _aggregation.IsQuantile && segments.Exists(segment => segment.Resolution is not null);
        if (!_aggregation.IsDerivable && !bySketches) return TextAsync(SeriesParts.Of(series), Computed, format, int.MaxValue, cancellation);

        var groups = query.By is { } labels ? new SeriesGroups(catalog, series, query.Name!, labels) : null;
        var limits = new BucketLimits(_grid, bySketches, groups, series);
        if (groups is not null || query.Top is not null) return CombinedAsync(limits, segments, groups, format, cancellation);
        return TextAsync(limits.Parts, (part, stop) => Rows(part, Read(part, segments, null, stop)), format, limits.ThreadsMax, cancellation);
    }

    /// <summary>The text of series of which each lies in one part: the threads make it.</summary>
    private IAsyncEnumerable<TextBlock> TextAsync(
        int[][] parts, Func<int[], CancellationToken, IEnumerable<SeriesColumns>> read, ResultFormat format, int threadsMax, CancellationToken cancellation)
    {
        var names = new SeriesNames(catalog, null);
        return new PartsInOrder<TextBlock>(parts, (part, stop) => Text(read(part, stop), names, format), threads).ReadAsync(threadsMax, cancellation);
    }

    /// <summary>The text of what all parts add to or compete for.</summary>
    private async IAsyncEnumerable<TextBlock> CombinedAsync(
        BucketLimits limits, List<Segment> segments, SeriesGroups? groups, ResultFormat format, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var combined = new CombinedBuckets(groups, query.Top, _aggregation);
        var lists = new PartsInOrder<Dictionary<int, BucketList>>(limits.Parts, (part, stop) => [Read(part, segments, groups, stop)], threads);
        var at = 0;
        await foreach (var part in lists.ReadAsync(limits.ThreadsMax, cancellation).ConfigureAwait(false)) combined.Add(limits.Parts[at++], part);
        var rows = combined.InOrder().SelectMany(list => Rows([list.Number], new() { [list.Number] = list.Buckets }));
        foreach (var block in Text(rows, new SeriesNames(catalog, groups), format)) yield return block;
    }

    private static IEnumerable<TextBlock> Text(IEnumerable<SeriesColumns> series, SeriesNames names, ResultFormat format)
    {
        using var writer = SamplesWriter.Create(format);
        foreach (var block in writer.Write(series, names)) yield return block;
    }

    private IEnumerable<SeriesColumns> Samples(int[] part, CancellationToken cancellation) =>
        new SeriesReader(hot, stored).Read(part, query.StartMicros, query.EndMicros, cancellation);

    private Dictionary<int, BucketList> Read(int[] part, List<Segment> segments, SeriesGroups? groups, CancellationToken cancellation) =>
        new BucketReader(_grid, segments, hot, stored, _aggregation.Fields, groups).Read(part, cancellation);

    /// <summary>Buckets as rows of the answer: those that have a value.</summary>
    private IEnumerable<SeriesColumns> Rows(int[] numbers, Dictionary<int, BucketList> lists)
    {
        var rows = new SeriesColumns();
        foreach (var number in numbers)
        {
            if (!lists.TryGetValue(number, out var list)) continue;
            rows.Clear();
            rows.Series = number;
            foreach (ref readonly var bucket in list.Buckets)
            {
                if (bucket.Value(_aggregation) is { } value) rows.Append(bucket.Start, value);
            }

            if (rows.Count > 0) yield return rows;
        }
    }

    /// <summary>Rate and quantiles: from the merged samples themselves.</summary>
    private IEnumerable<SeriesColumns> Computed(int[] part, CancellationToken cancellation)
    {
        var computation = new BucketComputation(_grid, _aggregation);
        foreach (var samples in Samples(part, cancellation))
        {
            if (computation.Of(samples) is { Count: > 0 } rows) yield return rows;
        }
    }
}
