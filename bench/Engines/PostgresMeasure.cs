using System.Diagnostics;
using System.Globalization;
using DataLayer.Engines;
using DataLayer.Engines.Postgres;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using DataLayer.Servers;
using Npgsql;
using NpgsqlTypes;

namespace DataLayer.Bench.Engines;

/// <summary>
/// What <see cref="PostgresEngine"/> writes a second beside what bare binary COPY does with the same samples, transactions, columns and indexes, on one server in one run;
/// then how large the tables are and how long questions take.
/// </summary>
internal static class PostgresMeasure
{
    private const long T0 = 1_772_323_200_000_000; // 2026-03-01

    public static async Task<int> RunAsync(TextWriter output, int seriesCount = 10_000, int samplesOfSeries = 800)
    {
        await using var server = await new PostgresServer().CreateAsync();
        var catalog = new Catalog(seriesCount);
        foreach (var batchRows in new[] { 160_000, 10_000 })
        {
            foreach (var index in new[] { "btree", "brin" })
            {
                var total = (long)seriesCount * samplesOfSeries * (batchRows < 100_000 ? 0.25 : 1);
                var batches = Batches(seriesCount, (int)(total / seriesCount), Math.Max(1, batchRows / seriesCount));
                var database = $"{index}{batchRows}";
                await ExecuteAsync(server.ConnectionString(), $"CREATE DATABASE {database}");
                await using var engine = new PostgresEngine(
                    new EngineOptions { Name = "pg", Kind = "postgres", ConnectionString = server.ConnectionString(database), Settings = new Dictionary<string, string> { ["Index"] = index } },
                    new EngineContext("bench", catalog, TimeProvider.System));
                await engine.OpenAsync(CancellationToken.None);
                await engine.WriteAsync(new Batch(seriesCount, 0, 1, 0), CancellationToken.None); // The series, and one row of each.
                var ours = await TimeAsync(batches, batch => engine.WriteAsync(batch, CancellationToken.None).AsTask());
                var bare = await BareAsync(server, database, index, catalog, batches);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{index,-5} batches of {batchRows,7:N0}: engine {total / ours / 1000:N0} k/s, bare COPY {total / bare / 1000:N0} k/s, ratio {bare / ours:0.00}"));
                if (batchRows >= 100_000) await AskAsync(output, server, database, engine, total, seriesCount);
            }
        }

        return 0;
    }

    private static List<Batch> Batches(int seriesCount, int samplesOfSeries, int samplesOfBatch) =>
        [.. Enumerable.Range(0, samplesOfSeries / samplesOfBatch).Select(at => new Batch(seriesCount, 1 + (at * samplesOfBatch), samplesOfBatch, at + 1))];

    private static async Task<double> TimeAsync(List<Batch> batches, Func<Batch, Task> write)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var batch in batches) await write(batch);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    // What a person would write by hand: the driver's importer, into a table with the same columns, partitions and indexes, a transaction per batch.
    private static async Task<double> BareAsync(PostgresServer server, string database, string index, Catalog catalog, List<Batch> batches)
    {
        var text = server.ConnectionString(database);
        await ExecuteAsync(text, "CREATE TABLE bare (LIKE datalayer.sample) PARTITION BY RANGE (time)");
        await ExecuteAsync(text, "CREATE TABLE bare_1 PARTITION OF bare FOR VALUES FROM ('2026-03-01') TO ('2026-03-02')");
        if (index == "btree") await ExecuteAsync(text, "CREATE UNIQUE INDEX ON bare (series, time)");
        await ExecuteAsync(text, "CREATE INDEX ON bare USING brin (time) WITH (pages_per_range = 32, autosummarize = on)");
        await using var connection = new NpgsqlConnection(text);
        await connection.OpenAsync();
        var columns = new SeriesColumns();
        return await TimeAsync(batches, async batch =>
        {
            batch.Reset();
            await using var importer = await connection.BeginBinaryImportAsync("COPY bare (series, time, value, version) FROM STDIN (FORMAT binary)");
            while (batch.TryNext(columns))
            {
                var id = catalog.IdOf(columns.Series);
                for (var at = 0; at < columns.Count; at++)
                {
                    importer.StartRow();
                    importer.Write(id, NpgsqlDbType.Bigint);
                    importer.Write(columns.Times[at] - 946_684_800_000_000, NpgsqlDbType.TimestampTz);
                    importer.Write(columns.Values[at], NpgsqlDbType.Double);
                    importer.Write(batch.EndLsn, NpgsqlDbType.Bigint);
                }
            }

            await importer.CompleteAsync();
        });
    }

    private static async Task AskAsync(TextWriter output, PostgresServer server, string database, PostgresEngine engine, double total, int seriesCount)
    {
        await ExecuteAsync(server.ConnectionString(database), "VACUUM ANALYZE datalayer.sample");
        await using var connection = new NpgsqlConnection(server.ConnectionString(database));
        await connection.OpenAsync();
        await using var size = new NpgsqlCommand("SELECT pg_table_size('datalayer.sample_p20260301'), pg_indexes_size('datalayer.sample_p20260301')", connection);
        await using var row = await size.ExecuteReaderAsync();
        await row.ReadAsync();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"      bytes a sample: table {row.GetInt64(0) / total:0.0}, indexes {row.GetInt64(1) / total:0.0}"));
        using var snapshot = engine.Snapshot();
        int[] one = [seriesCount / 2];
        int[] many = [.. Enumerable.Range(0, 100)];
        output.WriteLine($"      one series, 60 samples: {Ask(() => Count(snapshot, one, T0 + 100_000_000, T0 + 160_000_000))}; all of one series: {Ask(() => Count(snapshot, one, T0, long.MaxValue))}; "
            + $"100 series, all: {Ask(() => Count(snapshot, many, T0, long.MaxValue))}; latest: {Ask(() => snapshot.TryLatest(one[0], out _, out _) ? 1 : 0)}; "
            + $"minutes of 100 series: {Ask(() => snapshot.ReadRollups(Resolution.Minute, many, T0, long.MaxValue, RollupFields.All, CancellationToken.None).Count())}");
    }

    private static long Count(IEngineSnapshot snapshot, int[] series, long start, long end) => snapshot.ReadSamples(series, start, end, CancellationToken.None).Sum(columns => (long)columns.Count);

    // The least of five: the others paid for plans and cold pages.
    private static string Ask(Func<long> question)
    {
        var (least, answer) = (double.MaxValue, 0L);
        for (var time = 0; time < 5; time++)
        {
            var began = Stopwatch.GetTimestamp();
            answer = question();
            least = Math.Min(least, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{least:0.0} ms ({answer} rows)");
    }

    private static async Task ExecuteAsync(string connectionText, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionText + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Catalog(int count) : ISeriesCatalog
    {
        private readonly byte[][] _keys = [.. Enumerable.Range(0, count).Select(series => SeriesKey.Of($"metric{series / 100}", [new("host", $"h{series % 100}")]))];

        public int Count => _keys.Length;

        public ReadOnlySpan<byte> KeyOf(int series) => _keys[series];

        public int MetricOf(int series) => series / 100 * 100;

        public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => throw new NotSupportedException();

        public long IdOf(int series) => SeriesId.Of(_keys[series]);
    }

    private sealed class Batch(int seriesCount, int first, int samples, int number) : ISampleSource
    {
        private int _next;

        public long AfterLsn => number;

        public long EndLsn => number + 1;

        public long SampleCount => (long)seriesCount * samples;

        public bool TryNext(SeriesColumns columns)
        {
            columns.Clear();
            if (_next == seriesCount) return false;
            columns.Series = _next++;
            for (var at = first; at < first + samples; at++) columns.Append(T0 + (at * 1_000_000L) + columns.Series, at * 0.25);
            columns.BaseTime = columns.Times[0] - 1;
            return true;
        }

        public void Reset() => _next = 0;

        public IReadOnlyList<ISampleSource> Split(int parts) => throw new NotSupportedException();
    }
}
