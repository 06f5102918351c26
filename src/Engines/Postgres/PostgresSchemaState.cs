using Npgsql;

namespace DataLayer.Engines.Postgres;

/// <summary>What is in the database, before anything is changed.</summary>
internal sealed record PostgresSchemaState
{
    private const string Sql = """
        SELECT /* datalayer:inspect */ current_setting('server_version_num')::int, current_setting('server_version'), current_setting('server_encoding'), pg_is_in_recovery(),
          current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on',
          to_regnamespace('datalayer') IS NOT NULL, to_regclass('datalayer.migration') IS NOT NULL,
          has_database_privilege(current_database(), 'CREATE'), has_database_privilege(current_database(), 'TEMPORARY'),
          coalesce(has_schema_privilege(to_regnamespace('datalayer')::oid, 'CREATE'), false),
          (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'),
          (SELECT relkind::text FROM pg_class WHERE oid = to_regclass('datalayer.sample')), to_regclass('datalayer.sample_key') IS NOT NULL
        """;

    public required int ServerNumber { get; init; }

    public required string Server { get; init; }

    public required string Encoding { get; init; }

    public required bool IsStandby { get; init; }

    /// <summary>Whether the server survives a loss of power with all that it has committed.</summary>
    public required bool IsDurable { get; init; }

    public required bool HasSchema { get; init; }

    public required bool MayCreateSchema { get; init; }

    public required bool MayMakeTemporary { get; init; }

    public required bool MayCreateInSchema { get; init; }

    /// <summary>The extension's version, where the database has it.</summary>
    public required string? Timescale { get; init; }

    /// <summary>The samples are in a hypertable instead of in declarative partitions.</summary>
    public required bool IsHypertable { get; init; }

    public required bool IsUnique { get; init; }

    /// <summary>0: nothing is there.</summary>
    public required int Version { get; init; }

    public static async Task<PostgresSchemaState> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        PostgresSchemaState state;
        bool hasVersion;
        await using (var command = new NpgsqlCommand(Sql, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            await reader.ReadAsync(cancellation);
            hasVersion = reader.GetBoolean(6);
            state = new PostgresSchemaState
            {
                ServerNumber = reader.GetInt32(0),
                Server = reader.GetString(1),
                Encoding = reader.GetString(2),
                IsStandby = reader.GetBoolean(3),
                IsDurable = reader.GetBoolean(4),
                HasSchema = reader.GetBoolean(5),
                MayCreateSchema = reader.GetBoolean(7),
                MayMakeTemporary = reader.GetBoolean(8),
                MayCreateInSchema = reader.GetBoolean(9),
                Timescale = await reader.IsDBNullAsync(10, cancellation) ? null : reader.GetString(10),
                IsHypertable = !await reader.IsDBNullAsync(11, cancellation) && reader.GetString(11) == "r",
                IsUnique = reader.GetBoolean(12),
                Version = 0,
            };
        }

        if (!hasVersion) return state;
        await using var version = new NpgsqlCommand("SELECT /* datalayer:version */ coalesce(max(version), 0) FROM datalayer.migration", connection);
        return state with { Version = (int)(await version.ExecuteScalarAsync(cancellation))! };
    }
}
