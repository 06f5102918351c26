using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Lake;

/// <summary>
/// One state of the lake, pinned: its files stay as long as this is not disposed. Disposing late costs disk space. Take one per query; its threads may read at the same time, each an enumeration of its own.
/// </summary>
public sealed class LakeSnapshot : IEngineSnapshot, IEventSnapshot
{
    private readonly LakeContext _context;
    private readonly LakeManifest _manifest;
    private bool _disposed;

    internal LakeSnapshot(LakeContext context)
    {
        _context = context;
        _manifest = context.State.Pin();
    }

    public long Position => _manifest.Position;

    public long RawFromMicros => _manifest.RawFrom;

    /// <summary>All files of this state, ordered by kind, partition and rank.</summary>
    public IReadOnlyList<LakeFile> Files => _manifest.Files;

    /// <summary>The series 0 … SeriesCount-1 are in the series files; higher ones have no samples here.</summary>
    public int SeriesCount => _manifest.SeriesCount;

    public IEnumerable<SeriesColumns> ReadSamples(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(series);
        return Guarded(new SampleScan([.. _manifest.Of(LakeFileKind.Samples)], _context, _context.Columns).Read(series, startMicros, endMicros, cancellation));
    }

    public IEnumerable<RollupColumns> ReadRollups(Resolution resolution, int[] series, long startMicros, long endMicros, RollupFields fields, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Length == 0) return [];
        var kind = resolution == Resolution.Minute ? LakeFileKind.RollupMinute : LakeFileKind.RollupHour;
        return Guarded(new RollupScan([.. _manifest.Of(kind)], _context, fields).Read(series, startMicros, endMicros, cancellation));
    }

    /// <summary>Reads the newest hours first, and in each only the row groups that may hold the series.</summary>
    public bool TryLatest(int series, out long timeMicros, out double value)
    {
        var hours = _manifest.Of(LakeFileKind.Samples).Where(file => series >= file.MinSeries && series <= file.MaxSeries)
            .GroupBy(file => file.PartitionStart).OrderByDescending(hour => hour.Key);
        foreach (var hour in hours)
        {
            foreach (var columns in Guarded(new SampleScan([.. hour], _context, _context.Columns).Read([series], long.MinValue, long.MaxValue, CancellationToken.None)))
            {
                timeMicros = columns.Times[columns.Count - 1];
                value = columns.Values[columns.Count - 1];
                return true;
            }
        }

        (timeMicros, value) = (0, 0);
        return false;
    }

    public IReadOnlyList<FoundEvent> ReadEvents(EventQuery query, Func<UInt128, bool> isReplaced, CancellationToken cancellation)
    {
        try
        {
            return new EventScan(_context, [.. _manifest.Of(LakeFileKind.Events)], query, isReplaced, cancellation).Run();
        }
        catch (DamagedFileException error)
        {
            _context.Quarantine.Take(error.File);
            throw;
        }
    }

    /// <summary>A file of this state at the path that a reader of its own names is checked, and taken out of the lake when it is damaged. Returns whether it was.</summary>
    public bool Examine(string message) =>
        _manifest.Files.FirstOrDefault(file => message.Contains(file.Path, StringComparison.Ordinal)) is { } named && _context.Quarantine.Take(named);

    /// <summary>A damaged file fails this reading; the next snapshot is without it.</summary>
    private IEnumerable<T> Guarded<T>(IEnumerable<T> reading)
    {
        using var at = reading.GetEnumerator();
        while (true)
        {
            try
            {
                if (!at.MoveNext()) yield break;
            }
            catch (DamagedFileException error)
            {
                _context.Quarantine.Take(error.File);
                throw;
            }

            yield return at.Current;
        }
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _context.State.Unpin(_manifest);
    }
}
