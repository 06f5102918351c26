using System.Globalization;
using DataLayer.Ingest.Records;
using Npgsql;

namespace DataLayer.Engines.Postgres;

/// <summary>
/// Which partitions there are, and which are to be made. Times before 2000 and from 2100 on have one partition each: an agent whose clock is wrong must not make thousands.
/// Owned by the feeder's calls.
/// </summary>
internal sealed class PostgresPartitions(PostgresSettings settings)
{
    private const string Prefix = "sample_p";
    private const long MicrosPerSecond = 1_000_000;

    // 2000-01-01 and 2100-01-01.
    private const long FirstMicros = 946_684_800 * MicrosPerSecond;
    private const long EndMicros = 4_102_444_800 * MicrosPerSecond;

    private const string ListSql = """
        SELECT /* datalayer:partitions */ c.relname,
          CASE b[1] WHEN 'MINVALUE' THEN NULL ELSE (extract(epoch FROM b[1]::timestamptz) * 1000000)::bigint END,
          CASE b[2] WHEN 'MAXVALUE' THEN NULL ELSE (extract(epoch FROM b[2]::timestamptz) * 1000000)::bigint END
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,
          regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''?([^'')]+)''?\) TO \(''?([^'')]+)''?\)') b
        WHERE i.inhparent = 'datalayer.sample'::regclass AND b IS NOT NULL ORDER BY 2 NULLS FIRST
        """;

    private readonly long _widthMicros = settings.PartitionWidth.Ticks / TimeSpan.TicksPerMicrosecond;
    private readonly List<PostgresPartition> _missing = [];
    private List<PostgresPartition> _known = [];

    /// <summary>The partition that the last sample fell into: the next one mostly does, too.</summary>
    private (long From, long To) _last;

    public bool HasMissing => _missing.Count > 0;

    public IReadOnlyList<PostgresPartition> Known => _known;

    public async Task LoadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var known = new List<PostgresPartition>();
        await using var command = new NpgsqlCommand(ListSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var from = await reader.IsDBNullAsync(1, cancellation) ? long.MinValue : reader.GetInt64(1);
            var to = await reader.IsDBNullAsync(2, cancellation) ? long.MaxValue : reader.GetInt64(2);
            known.Add(new PostgresPartition(reader.GetString(0), from, to));
        }

        _known = known;
        _missing.Clear();
        _last = default;
    }

    /// <summary>Notes the partitions that these samples need; times ascend.</summary>
    public void Need(SeriesColumns columns)
    {
        for (var at = 0; at < columns.Count;)
        {
            var time = columns.Times[at];
            if (time < _last.From || time >= _last.To) Need(time);
            if (columns.Times[columns.Count - 1] < _last.To) return;
            at = FirstFrom(columns, at + 1, _last.To);
        }
    }

    public void Need(long time)
    {
        var next = _known.FindIndex(partition => partition.From > time); // A few hundred at most, and once per partition and series.
        if (next < 0) next = _known.Count;
        if (next > 0 && time < _known[next - 1].To)
        {
            _last = (_known[next - 1].From, _known[next - 1].To);
            return;
        }

        var (from, to) = Around(time);
        if (next > 0) from = Math.Max(from, _known[next - 1].To);
        if (next < _known.Count) to = Math.Min(to, _known[next].From);
        var partition = new PostgresPartition(NameOf(from), from, to);
        _known.Insert(next, partition);
        _missing.Add(partition);
        _last = (from, to);
    }

    /// <summary>Makes what is missing, each in a transaction of its own: readers are not kept waiting, and what was made stays made.</summary>
    public async Task MakeAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        while (_missing.Count > 0)
        {
            var partition = _missing[^1];
            try
            {
                await using var command = new NpgsqlCommand(CreateSql(partition), connection);
                await command.ExecuteNonQueryAsync(cancellation);
                _missing.RemoveAt(_missing.Count - 1);
            }
            catch (PostgresException there) when (there.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.InvalidObjectDefinition)
            {
                // Another daemon makes partitions just now. What is there then is not made again.
                var wanted = _missing.ToList();
                await LoadAsync(connection, cancellation);
                foreach (var (_, from, to) in wanted) Need(from == long.MinValue ? to - 1 : from);
                if (_missing.Contains(partition)) throw new EngineException($"the table {partition.Name} is there, and is no partition of the samples. Rename it.", isTransient: true, there);
            }
        }
    }

    /// <summary>Partitions of this engine that hold only times before the cut.</summary>
    public List<PostgresPartition> Before(long cutMicros) =>
        _known.FindAll(partition => partition.To <= cutMicros && partition.Name.StartsWith(Prefix, StringComparison.Ordinal));

    public void Forget(PostgresPartition partition)
    {
        _known.Remove(partition);
        _last = default;
    }

    /// <summary>Notes the partition of this time and those that are to be made ahead of it.</summary>
    public void NeedAhead(long nowMicros)
    {
        var time = nowMicros;
        for (var count = 0; count <= settings.PartitionsAhead && time < EndMicros; count++)
        {
            Need(time);
            time = _last.To;
        }
    }

    public long StartOf(long micros) => Around(micros).From;

    private (long From, long To) Around(long micros)
    {
        if (micros < FirstMicros) return (long.MinValue, FirstMicros);
        if (micros >= EndMicros) return (EndMicros, long.MaxValue);
        var from = micros - (micros % _widthMicros);
        return (Math.Max(from, FirstMicros), Math.Min(from + _widthMicros, EndMicros));
    }

    private static int FirstFrom(SeriesColumns columns, int from, long time)
    {
        var found = Array.BinarySearch(columns.Times, from, columns.Count - from, time);
        return found >= 0 ? found : ~found;
    }

    // LIKE and ATTACH take a weaker lock on the parent than PARTITION OF does, which would wait for every reader. The indexes come with ATTACH. One text of two statements is one transaction.
    private static string CreateSql(PostgresPartition partition) => $"""
        CREATE /* datalayer:partition */ TABLE datalayer.{partition.Name} (LIKE datalayer.sample INCLUDING DEFAULTS);
        ALTER TABLE datalayer.sample ATTACH PARTITION datalayer.{partition.Name} FOR VALUES FROM ({Bound(partition.From, "MINVALUE")}) TO ({Bound(partition.To, "MAXVALUE")})
        """;

    private static string Bound(long micros, string none) =>
        micros is long.MinValue or long.MaxValue ? none : DateTimeOffset.FromUnixTimeSeconds(micros / MicrosPerSecond).ToString("\\'yyyy-MM-dd HH:mm:ss+00\\'", CultureInfo.InvariantCulture);

    private static string NameOf(long from)
    {
        if (from == long.MinValue) return Prefix + "_past";
        var start = DateTimeOffset.FromUnixTimeSeconds(from / MicrosPerSecond);
        return Prefix + start.ToString(start.TimeOfDay == TimeSpan.Zero ? "yyyyMMdd" : "yyyyMMdd_HHmm", CultureInfo.InvariantCulture);
    }
}
