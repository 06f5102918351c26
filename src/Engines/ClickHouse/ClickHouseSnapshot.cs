using System.Runtime.InteropServices;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.ClickHouse;

/// <summary>
/// Reads by SQL with FINAL: of the rows of one series and time the one with the greatest version. What is written meanwhile may be seen. Safe from any thread.
/// Series come in the order asked for, the server's order is another: so some series at a time are fetched and held, as many as have about <see cref="RowsWanted"/> rows.
/// </summary>
internal sealed class ClickHouseSnapshot(ClickHouseLink link, string database, SeriesNumbers numbers, long position, long rawFrom) : IEngineSnapshot
{
    /// <summary>1900-01-01T00:00:00Z.</summary>
    public const long MinTime = -2_208_988_800_000_000;

    /// <summary>2299-12-31T23:59:59.999999Z.</summary>
    public const long MaxTime = 10_413_791_999_999_999;

    // 2 M rows of samples are 40 MB.
    private const long RowsWanted = 1 << 21;
    private const int SeriesAtFirst = 16;

    // Of 20 bytes each: well within the server's max_query_size of 256 KiB.
    private const int SeriesMax = 4_000;

    private const string FinalSettings = "SETTINGS do_not_merge_across_partitions_select_final = 1";

    public long Position => position;

    public long RawFromMicros => rawFrom;

    public IEnumerable<SeriesColumns> ReadSamples(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
    {
        if (!TryRange(startMicros, endMicros, out var first, out var last)) yield break;
        var columns = new SeriesColumns();
        foreach (var chunk in Chunks(series, wanted => Fetch(
            $"""
            SELECT series, time, value, quality FROM {database}.samples_raw FINAL
            WHERE series IN ({wanted}) AND time >= fromUnixTimestamp64Micro({"{first:Int64}"}, 'UTC') AND time <= fromUnixTimestamp64Micro({"{last:Int64}"}, 'UTC')
            ORDER BY series, time {FinalSettings}
            """, 4, first, last, "read samples", TakeSamples, cancellation)))
        {
            foreach (var (number, from, to) in chunk.Series)
            {
                columns.Clear();
                columns.Series = number;
                columns.EnsureCapacity(to - from);
                columns.Count = to - from;
                CollectionsMarshal.AsSpan(chunk.Rows.Times)[from..to].CopyTo(columns.Times);
                CollectionsMarshal.AsSpan(chunk.Rows.Values[0])[from..to].CopyTo(columns.Values);
                var qualities = CollectionsMarshal.AsSpan(chunk.Rows.Qualities)[from..to];
                if (qualities.ContainsAnyExcept(1f))
                {
                    for (var at = 0; at < qualities.Length; at++) columns.SetQuality(at, qualities[at]);
                }

                yield return columns;
            }
        }
    }

    public IEnumerable<RollupColumns> ReadRollups(Resolution resolution, int[] series, long startMicros, long endMicros, RollupFields fields, CancellationToken cancellation)
    {
        var width = resolution == Resolution.Minute ? 60_000_000L : 3_600_000_000L;

        // Buckets that begin in the range: from the first bucket's first sample to the last one's last. The least time is the beginning of an hour.
        var start = Math.Max(startMicros, MinTime);
        start += (width - ((start - MinTime) % width)) % width;
        var end = Math.Min(endMicros, MaxTime);
        if (end > MinTime) end += (width - ((end - MinTime) % width)) % width;
        if (!TryRange(start, end, out var first, out var last)) yield break;
        var columns = new RollupColumns();
        foreach (var chunk in Chunks(series, wanted => Fetch(
            $"""
            SELECT series, intDiv(toUnixTimestamp64Micro(time) - ({MinTime}), {width}) * {width} + ({MinTime}) AS bucket, count(), {RollupQuery.Of(fields)}
            FROM {database}.samples_raw FINAL
            WHERE series IN ({wanted}) AND time >= fromUnixTimestamp64Micro({"{first:Int64}"}, 'UTC') AND time <= fromUnixTimestamp64Micro({"{last:Int64}"}, 'UTC') AND NOT isNaN(value)
            GROUP BY series, bucket ORDER BY series, bucket {FinalSettings}
            """, RollupQuery.ColumnCount, first, last, "read rollups", RollupQuery.Take, cancellation)))
        {
            foreach (var (number, from, to) in chunk.Series)
            {
                columns.Series = number;
                columns.Slices.Clear();
                columns.Slices.Add(RollupQuery.Slice(chunk.Rows, from, to, fields));
                yield return columns;
            }
        }
    }

    public bool TryLatest(int series, out long timeMicros, out double value)
    {
        // No FINAL: the key is read backwards, and the greatest version of the last time stands first.
        using var reader = link.Query(
            $"SELECT time, value FROM {database}.samples_raw WHERE series = {{series:Int64}} ORDER BY series DESC, time DESC, version DESC LIMIT 1",
            [("series", numbers.Of(series))], "read the latest sample", CancellationToken.None);
        var has = reader.TryNext(2);
        (timeMicros, value) = has ? (reader.Column<long>(0)[0], reader.Column<double>(1)[0]) : (0, 0);
        return has;
    }

    public void Dispose()
    {
        // Nothing is held between the calls.
    }

    private static bool TryRange(long start, long end, out long first, out long last)
    {
        first = Math.Max(start, MinTime);
        last = end > MaxTime ? MaxTime : end - 1;
        return end > start && first <= last;
    }

    // Asks for some series at a time, as many as the last answer makes believe that there is room for.
    private IEnumerable<(FetchedRows Rows, List<(int Number, int From, int To)> Series)> Chunks(int[] series, Func<string, FetchedRows> fetch)
    {
        var size = SeriesAtFirst;
        for (var at = 0; at < series.Length;)
        {
            var wanted = series[at..Math.Min(series.Length, at + size)];
            at += wanted.Length;
            var rows = fetch(string.Join(',', wanted.Select(numbers.Of)));
            var found = new List<(int, int, int)>();
            foreach (var number in wanted)
            {
                if (rows.Ranges.TryGetValue(numbers.Of(number), out var range)) found.Add((number, range.From, range.To));
            }

            yield return (rows, found);
            var perSeries = Math.Max(1, rows.Times.Count / wanted.Length);
            size = (int)Math.Clamp(RowsWanted / perSeries, 1, Math.Min(SeriesMax, wanted.Length * 8L));
        }
    }

    private FetchedRows Fetch(string sql, int columns, long first, long last, string what, Action<FetchedRows, NativeReader> take, CancellationToken cancellation)
    {
        var rows = new FetchedRows();
        using var reader = link.Query(sql, [("first", first), ("last", last)], what, cancellation);
        while (reader.TryNext(columns))
        {
            rows.AddSeries(reader.Column<long>(0));
            rows.Times.AddRange(reader.Column<long>(1));
            take(rows, reader);
        }

        return rows;
    }

    private static void TakeSamples(FetchedRows rows, NativeReader reader)
    {
        rows.Values[0].AddRange(reader.Column<double>(2));
        rows.Qualities.AddRange(reader.Column<float>(3));
    }
}
