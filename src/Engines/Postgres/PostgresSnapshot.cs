using DataLayer.Engines.Lake;
using DataLayer.Ingest.Records;
using Npgsql;

namespace DataLayer.Engines.Postgres;

/// <summary>
/// A view of the server at one moment: a repeatable-read transaction, whose snapshot further connections take over where several threads read. Holds a connection of the pool until it is disposed.
/// </summary>
internal sealed class PostgresSnapshot : IEngineSnapshot
{
    // Series of one statement: enough that its round trip does not count, few enough that a reader who goes away early leaves little behind.
    private const int SeriesPerStatement = 500;

    private readonly PostgresPool _pool;
    private readonly PostgresSeries _series;
    private readonly PostgresSettings _settings;
    private readonly string _exported;

    // Owned by: the lock on _free.
    private readonly Stack<PostgresSession> _free = [];
    private readonly List<PostgresSession> _all = [];

    public PostgresSnapshot(PostgresPool pool, PostgresSeries series, PostgresSettings settings, string source, long rawFromMicros)
    {
        (_pool, _series, _settings, RawFromMicros) = (pool, series, settings, rawFromMicros);
        var lease = pool.TryRent(waits: true) ?? throw new EngineException($"{pool.Faults.Where}: all {pool.Max - 1} connections for reading are in use (PoolSize).", isTransient: true);
        var session = new PostgresSession(lease, exported: null);
        try
        {
            using var command = new NpgsqlCommand("SELECT /* datalayer:snapshot */ pg_export_snapshot(), (SELECT lsn FROM datalayer.position WHERE source = $1)", session.Connection);
            command.Parameters.Add(new() { Value = source });
            using var reader = command.ExecuteReader();
            reader.Read();
            _exported = reader.GetString(0);
            Position = reader.IsDBNull(1) ? 0 : reader.GetInt64(1);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        _all.Add(session);
        _free.Push(session);
    }

    public long Position { get; }

    public long RawFromMicros { get; }

    public IEnumerable<SeriesColumns> ReadSamples(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(series);
        var columns = new SeriesColumns();
        var sql = PostgresQueries.Samples(_settings.IsUnique);
        foreach (var part in startMicros < endMicros ? series.Chunk(SeriesPerStatement) : [])
        {
            using var rows = Query(sql, part, startMicros, endMicros, cancellation);
            long at = 0;
            while (rows.Read())
            {
                var next = rows.Row.GetInt64(0);
                if (next != at)
                {
                    if (next < at) throw new EngineException($"{_pool.Faults.Where}: rows came in another order than asked for.", isTransient: false);
                    if (columns.Count > 0) yield return columns;
                    columns.Clear();
                    (at, columns.Series) = (next, part[next - 1]);
                }

                columns.Append(PostgresTime.ToUnix(rows.Row.GetFieldValue<long>(1)), rows.Row.GetDouble(2));
                if (!rows.Row.IsDBNull(3)) columns.SetQuality(columns.Count - 1, rows.Row.GetFloat(3));
            }

            if (columns.Count > 0) yield return columns;
            columns.Clear();
        }
    }

    public IEnumerable<RollupColumns> ReadRollups(Resolution resolution, int[] series, long startMicros, long endMicros, RollupFields fields, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(series);
        var sql = PostgresQueries.Rollups(_settings.IsUnique, resolution, fields);
        var width = resolution == Resolution.Minute ? 60_000_000L : 3_600_000_000L;

        // Buckets whose start lies in the range: whole ones.
        var (from, to) = (Ceiling(startMicros, width), Ceiling(endMicros, width));
        foreach (var part in from < to ? series.Chunk(SeriesPerStatement) : [])
        {
            foreach (var columns in Buckets(sql, part, from, to, fields, cancellation) ?? Fold(part, from, to, width, cancellation)) yield return columns;
        }
    }

    public bool TryLatest(int series, out long timeMicros, out double value)
    {
        var session = Rent();
        try
        {
            using var command = new NpgsqlCommand(PostgresQueries.LatestSql, session.Connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = _series.IdOf(series) });
            using var reader = command.ExecuteReader();
            var isThere = reader.Read();
            (timeMicros, value) = isThere ? (PostgresTime.ToUnix(reader.GetFieldValue<long>(0)), reader.GetDouble(1)) : (0, 0);
            return isThere;
        }
        catch (Exception fault)
        {
            throw _pool.Faults.Of(fault, "read");
        }
        finally
        {
            Return(session);
        }
    }

    public void Dispose()
    {
        foreach (var session in _all) session.Dispose();
        _all.Clear();
    }

    /// <summary>The buckets of some series; null where a sum is beyond doubles, which the server refuses to add.</summary>
    private List<RollupColumns>? Buckets(string sql, int[] part, long from, long to, RollupFields fields, CancellationToken cancellation)
    {
        var found = new List<RollupColumns>();
        using var rows = Query(sql, part, from, to, cancellation);
        var buckets = new List<RollupBucket>();
        long at = 0;
        try
        {
            while (rows.Read())
            {
                if (rows.Row.GetInt64(0) != at) Take(found, part, at, buckets);
                at = rows.Row.GetInt64(0);
                buckets.Add(Bucket(rows.Row, fields));
            }
        }
        catch (EngineException fault) when (fault.InnerException is PostgresException { SqlState: PostgresErrorCodes.NumericValueOutOfRange })
        {
            return null;
        }

        Take(found, part, at, buckets);
        return found;
    }

    private static void Take(List<RollupColumns> found, int[] part, long at, List<RollupBucket> buckets)
    {
        if (buckets.Count == 0) return;
        found.Add(new RollupColumns { Series = part[at - 1], Slices = { new RollupSlice(RollupRows.Of(buckets), 0, buckets.Count) } });
        buckets.Clear();
    }

    private static RollupBucket Bucket(NpgsqlDataReader row, RollupFields fields)
    {
        var at = 3;
        var bucket = new RollupBucket(PostgresTime.ToUnix(row.GetFieldValue<long>(1)), row.GetInt64(2), 0, 0, 0, 0, 0, 0, 0, null);
        if (fields.HasFlag(RollupFields.Sum)) bucket = bucket with { Sum = row.GetDouble(at++) };
        if (fields.HasFlag(RollupFields.MinMax)) bucket = bucket with { Min = row.GetDouble(at++), Max = row.GetDouble(at++) };
        if (!fields.HasFlag(RollupFields.FirstLast)) return bucket;
        return bucket with
        {
            FirstTime = PostgresTime.ToUnix(row.GetFieldValue<long>(at)),
            First = row.GetDouble(at + 1),
            LastTime = PostgresTime.ToUnix(row.GetFieldValue<long>(at + 2)),
            Last = row.GetDouble(at + 3),
        };
    }

    private IEnumerable<RollupColumns> Fold(int[] part, long from, long to, long width, CancellationToken cancellation)
    {
        foreach (var columns in ReadSamples(part, from, to, cancellation))
        {
            var buckets = new List<RollupBucket>();
            for (var at = 0; at < columns.Count; at++)
            {
                var (time, value) = (columns.Times[at], columns.Values[at]);
                if (double.IsNaN(value)) continue;
                var one = new RollupBucket(Floor(time, width), 1, value, value, value, time, value, time, value, null);
                if (buckets.Count > 0 && buckets[^1].Start == one.Start) buckets[^1] = RollupBuilder.Combine(buckets[^1], one);
                else buckets.Add(one);
            }

            if (buckets.Count > 0) yield return new RollupColumns { Series = columns.Series, Slices = { new RollupSlice(RollupRows.Of(buckets), 0, buckets.Count) } };
        }
    }

    private PostgresRowReader Query(string sql, int[] series, long start, long end, CancellationToken cancellation)
    {
        var session = Rent();
        return new PostgresRowReader(session, _pool.Faults, () => Return(session), sql, Array.ConvertAll(series, _series.IdOf), start, end, cancellation);
    }

    // A free session, or a new one where the pool has a connection, or the next that another thread gives back.
    private PostgresSession Rent()
    {
        while (true)
        {
            lock (_free)
            {
                if (_free.TryPop(out var free)) return free;
            }

            try
            {
                if (_pool.TryRent(waits: false) is { } lease)
                {
                    var session = new PostgresSession(lease, _exported);
                    lock (_free) _all.Add(session);
                    return session;
                }
            }
            catch (Exception fault)
            {
                throw _pool.Faults.Of(fault, "read");
            }

            lock (_free)
            {
                if (_free.Count == 0 && !Monitor.Wait(_free, _pool.Timeout))
                {
                    throw new EngineException($"{_pool.Faults.Where}: all {_pool.Max - 1} connections for reading are in use (PoolSize).", isTransient: true);
                }
            }
        }
    }

    private void Return(PostgresSession session)
    {
        lock (_free)
        {
            _free.Push(session);
            Monitor.Pulse(_free);
        }
    }

    private static long Floor(long time, long width) => time - (((time % width) + width) % width);

    // The least start of a bucket that is not before; the ends of time stay what they are.
    private static long Ceiling(long time, long width)
    {
        if (time is long.MinValue or long.MaxValue) return time;
        var floor = Floor(Math.Max(time, PostgresTime.MinUnixMicros), width);
        return floor == time || floor > long.MaxValue - width ? floor : floor + width;
    }
}
