using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Redis;

/// <summary>
/// Reads latest values and windows as they are when they are asked for: Redis has no view that stays. Any thread.
/// </summary>
internal sealed class RedisSnapshot(RedisConnection connection, RedisKeys keys, SeriesNames names, bool hasWindows, long position, long rawFrom) : IEngineSnapshot
{
    /// <summary>Windows asked for at once: bounded memory, 56 KB each with the default settings.</summary>
    private const int WindowsAtOnce = 64;

    public long Position => position;

    public long RawFromMicros => rawFrom;

    public IEnumerable<SeriesColumns> ReadSamples(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
    {
        if (!hasWindows) throw new NotSupportedException("This engine keeps latest values only.");
        var start = Math.Max(startMicros, rawFrom);
        var columns = new SeriesColumns();
        foreach (var chunk in series.Chunk(WindowsAtOnce))
        {
            var windows = Wait(Task.WhenAll(chunk.Select(number => connection.CallAsync(
                database => database.StringGetAsync(keys.Window(names.MetricOf(number).Tag, names.IdOf(number))), cancellation))));
            for (var at = 0; at < chunk.Length; at++)
            {
                columns.Clear();
                columns.Series = chunk[at];
                Fill(columns, (byte[]?)windows[at], start, endMicros);
                if (columns.Count > 0) yield return columns;
            }
        }
    }

    public IEnumerable<RollupColumns> ReadRollups(Resolution resolution, int[] series, long startMicros, long endMicros, RollupFields fields, CancellationToken cancellation) =>
        throw new NotSupportedException("Redis keeps no rollups.");

    public bool TryLatest(int series, out long timeMicros, out double value)
    {
        var text = Wait(connection.CallAsync(database => database.HashGetAsync(names.MetricOf(series).Latest, names.IdOf(series)), CancellationToken.None));
        if (text.IsNull)
        {
            (timeMicros, value) = (0, 0);
            return false;
        }

        if (SampleText.TryRead((byte[])text!, out timeMicros, out value, out _, out _)) return true;
        throw new EngineException($"{connection.Where}: {names.MetricOf(series).Latest} holds a value that is not DataLayer's; remove its field {names.IdOf(series)}", isTransient: false);
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private static void Fill(SeriesColumns columns, byte[]? window, long start, long end)
    {
        for (var rest = window.AsSpan(); rest.Length >= WindowRecord.Bytes; rest = rest[WindowRecord.Bytes..])
        {
            var record = WindowRecord.Read(rest);
            if (record.Time < start || record.Time >= end) continue;
            columns.Append(record.Time, record.Value);
            columns.SetQuality(columns.Count - 1, record.Quality);
        }
    }

    // Reads are synchronous in the engine's contract; the answer comes on the driver's thread, so nothing waits for itself.
    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
