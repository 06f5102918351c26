using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace DataLayer.Engines.Postgres;

/// <summary>
/// The series that the server has for certain, with their numbers there: 8 bytes for each of the catalog. Written by the feeder's calls; <see cref="IdOf"/> by any thread.
/// </summary>
internal sealed class PostgresSeries(ISeriesCatalog catalog)
{
    private const int RowsPerStatement = 5_000;

    private const string InsertSql = """
        INSERT /* datalayer:series */ INTO datalayer.series_def (id, name, labels, key)
        SELECT id, name, labels::jsonb, key FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[]) AS n(id, name, labels, key) ON CONFLICT (id) DO NOTHING
        """;

    private const string VerifySql = """
        SELECT /* datalayer:series-verify */ d.id, d.name FROM datalayer.series_def d JOIN unnest($1::bigint[], $2::bytea[]) AS n(id, key) ON n.id = d.id WHERE d.key <> n.key LIMIT 1
        """;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Series of the batch that the server may lack.
    private readonly List<(long Id, int Series)> _new = [];

    // Per series number: its number in the database, or -1 where the server may not have it. Replaced when it grows.
    private long[] _stored = [];

    public long IdOf(int series)
    {
        var stored = Volatile.Read(ref _stored);
        return series < stored.Length && stored[series] >= 0 ? stored[series] : SeriesId.Of(catalog.KeyOf(series));
    }

    /// <summary>The same, and notes the series to be stored with the batch unless it is.</summary>
    public long Need(int series)
    {
        if (series < _stored.Length && _stored[series] >= 0) return _stored[series];
        var key = catalog.KeyOf(series);
        var id = SeriesId.Of(key);
        _new.Add((id, series));
        return id;
    }

    public void BeginBatch() => _new.Clear();

    /// <summary>Inserts what <see cref="Need"/> noted, in the transaction that is open.</summary>
    public async Task InsertAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        _new.Sort(); // All writers in one order: they wait for each other, and never in a circle.
        for (var at = 0; at < _new.Count; at += RowsPerStatement)
        {
            var rows = _new.GetRange(at, Math.Min(RowsPerStatement, _new.Count - at));
            var ids = rows.ConvertAll(row => row.Id);
            var keys = rows.ConvertAll(row => catalog.KeyOf(row.Series).ToArray());
            var texts = rows.ConvertAll(row => TextsOf(row.Series));
            await using (var insert = new NpgsqlCommand(InsertSql, connection))
            {
                insert.Parameters.Add(new() { Value = ids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
                insert.Parameters.Add(new() { Value = texts.ConvertAll(text => text.Name), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
                insert.Parameters.Add(new() { Value = texts.ConvertAll(text => text.Labels), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
                insert.Parameters.Add(new() { Value = keys, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
                if (await insert.ExecuteNonQueryAsync(cancellation) == rows.Count) continue;
            }

            await VerifyAsync(connection, ids, keys, cancellation);
        }
    }

    /// <summary>The transaction is committed: what was noted is there for good.</summary>
    public void Committed()
    {
        if (_new.Count == 0) return;
        var stored = _stored;
        var most = _new.Max(row => row.Series);
        if (most >= stored.Length)
        {
            Array.Resize(ref stored, Math.Max(catalog.Count, most + 1));
            Array.Fill(stored, -1, _stored.Length, stored.Length - _stored.Length);
        }

        foreach (var (id, series) in _new) stored[series] = id;
        Volatile.Write(ref _stored, stored); // With Volatile.Read in IdOf: readers see filled arrays only.
        _new.Clear();
    }

    /// <summary>The server has gone back in time: what it has is unknown.</summary>
    public void Forget() => Volatile.Write(ref _stored, []);

    private static async Task VerifyAsync(NpgsqlConnection connection, List<long> ids, List<byte[]> keys, CancellationToken cancellation)
    {
        await using var verify = new NpgsqlCommand(VerifySql, connection);
        verify.Parameters.Add(new() { Value = ids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        verify.Parameters.Add(new() { Value = keys, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        await using var reader = await verify.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) return;
        throw new RefusedSamplesException($"a series has the number {reader.GetInt64(0)}, which another one, '{reader.GetString(1)}' with other labels or name, has in PostgreSQL already.");
    }

    private (string Name, string Labels) TextsOf(int series)
    {
        var key = new SeriesKeyReader(catalog.KeyOf(series));
        var name = Encoding.UTF8.GetString(key.Name);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Json))
        {
            json.WriteStartObject();
            while (key.TryNext(out var label, out var value))
            {
                // PostgreSQL's text has no NUL. Names cannot have one, the values of labels can.
                if (value.Contains((byte)0)) throw new RefusedSamplesException($"the series '{name}' has a label with a NUL character, which PostgreSQL cannot hold.");
                json.WriteString(label, value);
            }

            json.WriteEndObject();
        }

        return (name, Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }
}
