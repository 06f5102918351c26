using DataLayer.Engines.Postgres;
using Npgsql;

namespace DataLayer.Engines.Tests.Postgres;

/// <summary>A test's database, as a person with psql sees it, and batches for it.</summary>
internal sealed class PostgresDatabase(string connectionString)
{
    public string ConnectionString => connectionString;

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async Task<List<object?[]>> QueryAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(at => reader.IsDBNull(at) ? null : reader.GetValue(at))]);
        }

        return rows;
    }

    public async Task<T> ScalarAsync<T>(string sql) => (T)(await QueryAsync(sql))[0][0]!;

    public static async Task WriteAsync(PostgresEngine engine, MemorySource batch) => await engine.WriteAsync(batch, TestContext.Current.CancellationToken);

    public static void AssertMatches(PostgresEngine engine, EngineModel model, int seriesCount)
    {
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, seriesCount);
    }
}
