using DataLayer.Ingest;
using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Keeps the lake's files few and within their retention. The daemon hosts <see cref="RunAsync"/> as one worker; tests call <see cref="RunOnce"/>.
/// Writing and reading go on meanwhile: only the change of the manifest excludes a writer, for milliseconds.
/// </summary>
/// <param name="trustsClock">Retention takes the first wall clock time it sees as right; else it trusts it after an hour, see <c>RetentionClock</c>.</param>
public sealed class LakeMaintenance(LakeEngine engine, bool trustsClock = false)
{
    // Merging so many rows takes about a second.
    private const long SmallRows = 10_000_000;

    private readonly LakeContext _context = engine.Context;
    private readonly LakeCompaction _compaction = new(engine.Context);
    private readonly Lock _running = new();
    private readonly RetentionClock _retention = new(engine.Time, trustsClock);

    // Guarded by _running: large closed partitions with more than one file, their newest rank, and since when it is that.
    private readonly Dictionary<(LakeFileKind Kind, long Start), (long Rank, long Since)> _seen = [];
    private long _merges;
    private long _filesMerged;
    private long _filesExpired;
    private long _failures;

    public long Merges => Interlocked.Read(ref _merges);

    public long FilesMerged => Interlocked.Read(ref _filesMerged);

    public long FilesExpired => Interlocked.Read(ref _filesExpired);

    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Healthy, or why the last run failed.</summary>
    public EngineHealth Health { get; private set; } = EngineHealth.Healthy;

    /// <summary>Runs every <paramref name="interval"/> until cancelled; a failure is counted, shown in <see cref="Health"/>, and tried again the next time.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(interval, engine.Time, cancellation);
                await QuietThread.RunAsync("lake maintenance", isUrgent: false, () => RunOnce(cancellation));
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Interlocked.Increment(ref _failures);
                Health = new EngineHealth(EngineState.Degraded, $"maintenance of the lake {engine.Directory}: {error.Message}; tried again in {interval}");
            }
        }
    }

    /// <summary>Retention, then every merge that is due. Throws <see cref="EngineException"/>; what was done before stays done.</summary>
    public void RunOnce(CancellationToken cancellation)
    {
        try
        {
            lock (_running)
            {
                Expire();
                while (PickMerge() is { Count: > 0 } inputs) MergeOrQuarantine(inputs, cancellation);
            }

            Health = EngineHealth.Healthy;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ParquetException)
        {
            throw new EngineException(error.Message, isTransient: true, error);
        }
    }

    private long Now => MicrosOf(engine.Time.GetUtcNow());

    private IReadOnlyList<LakeFile> PickMerge()
    {
        var closedBefore = Now - Micros(_context.Options.CompactionGrace);
        foreach (var partition in _context.State.Current.Files.GroupBy(file => (file.Kind, file.PartitionStart)))
        {
            var width = partition.Key.Kind == LakeFileKind.Samples ? LakeLayout.MicrosPerHour : LakeLayout.MicrosPerDay;
            var isClosed = partition.Key.Kind != LakeFileKind.Series && partition.Key.PartitionStart < closedBefore - width;
            if (CompactionPicker.Pick([.. partition], isClosed && IsQuiet([.. partition]), _context.Options) is { Count: > 0 } inputs) return inputs;
        }

        return [];
    }

    // A trickle of late samples must not rewrite a large hour every minute: it is merged when nothing came for the grace time.
    private bool IsQuiet(IReadOnlyList<LakeFile> files)
    {
        if (files.Count < 2 || files.Sum(file => file.Rows) < SmallRows) return true;
        var key = (files[0].Kind, files[0].PartitionStart);
        var newest = files.Max(file => file.Rank);
        if (!_seen.TryGetValue(key, out var seen) || seen.Rank != newest) _seen[key] = seen = (newest, Now);
        if (Now - seen.Since < Micros(_context.Options.CompactionGrace)) return false;
        _seen.Remove(key);
        return true;
    }

    /// <summary>A damaged file goes, and what is left is picked again.</summary>
    private void MergeOrQuarantine(IReadOnlyList<LakeFile> inputs, CancellationToken cancellation)
    {
        try
        {
            Merge(inputs, cancellation);
        }
        catch (DamagedFileException error)
        {
            if (!_context.Quarantine.Take(error.File)) throw;
        }
    }

    private void Merge(IReadOnlyList<LakeFile> inputs, CancellationToken cancellation)
    {
        var least = inputs.Min(file => file.Rank);
        var isOldest = !_context.State.Current.Files.Any(file =>
            file.Kind == inputs[0].Kind && file.PartitionStart == inputs[0].PartitionStart && file.Rank < least);
        _compaction.Merge(inputs, isOldest, cancellation);
        Interlocked.Increment(ref _merges);
        Interlocked.Add(ref _filesMerged, inputs.Count);
    }

    private void Expire()
    {
        var manifest = _context.State.Current;
        var now = MicrosOf(_retention.Now(manifest.Of(LakeFileKind.Samples).Concat(manifest.Of(LakeFileKind.RollupHour)).Concat(manifest.Of(LakeFileKind.Events)).Select(file => file.MaxTime).DefaultIfEmpty(long.MaxValue).Max()));
        var gone = new List<LakeFile>();
        gone.AddRange(ExpiredOf(now, manifest, LakeFileKind.Samples, LakeLayout.MicrosPerHour, _context.Options.RawRetention, _context.Options.RawBytesMax));
        gone.AddRange(ExpiredOf(
            now, manifest, LakeFileKind.RollupMinute, LakeLayout.MicrosPerDay, _context.Options.RollupMinuteRetention, _context.Options.RollupMinuteBytesMax));
        gone.AddRange(ExpiredOf(
            now, manifest, LakeFileKind.RollupHour, LakeLayout.MicrosPerDay, _context.Options.RollupHourRetention, _context.Options.RollupHourBytesMax));
        gone.AddRange(ExpiredOf(now, manifest, LakeFileKind.Events, LakeLayout.MicrosPerDay, _context.Options.EventRetention, null));
        if (gone.Count == 0) return;

        var rawFrom = gone.Where(file => file.Kind == LakeFileKind.Samples)
            .Select(file => LakeLayout.HourEnd(file.PartitionStart)).DefaultIfEmpty(long.MinValue).Max();
        using var transaction = new LakeTransaction(_context);
        transaction.Commit(gone.Select(file => file.Number).ToHashSet(), before => before with { RawFrom = Math.Max(before.RawFrom, rawFrom) });
        Interlocked.Add(ref _filesExpired, gone.Count);
    }

    /// <summary>The files of the oldest partitions: those past their age, and then as many as are over the limit of bytes, but never the newest.</summary>
    private static IEnumerable<LakeFile> ExpiredOf(long now, LakeManifest manifest, LakeFileKind kind, long width, TimeSpan? age, long? bytesMax)
    {
        var partitions = manifest.Of(kind).GroupBy(file => file.PartitionStart).OrderBy(partition => partition.Key).ToList();
        var bytes = partitions.Sum(partition => partition.Sum(file => file.Bytes));
        foreach (var partition in partitions)
        {
            var isOld = age is { } limit && partition.Key < now - Micros(limit) - width;
            var isOver = bytes > bytesMax && partition != partitions[^1];
            if (!isOld && !isOver) yield break;
            bytes -= partition.Sum(file => file.Bytes);
            foreach (var file in partition) yield return file;
        }
    }

    private static long MicrosOf(DateTimeOffset time) => (time.UtcDateTime - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
