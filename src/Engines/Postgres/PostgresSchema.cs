using System.Globalization;
using Npgsql;

namespace DataLayer.Engines.Postgres;

/// <summary>Creates and migrates the schema <c>datalayer</c>. Never drops.</summary>
internal sealed class PostgresSchema(PostgresSettings settings, PostgresFaults faults)
{
    private const int OldestServer = 130_000;

    // Any number that nobody else takes: the schema's first letters, "datalaye".
    private const long MigrationLock = 0x64_61_74_61_6C_61_79_65;

    public static int Latest => PostgresSchemaSql.Steps.Length;

    /// <summary>Refuses a server or a schema that this program cannot work with.</summary>
    public void Check(PostgresSchemaState state)
    {
        if (state.ServerNumber < OldestServer) throw Bad($"the server is {state.Server}; it needs to be PostgreSQL 13 or newer");
        if (state.Encoding != "UTF8") throw Bad($"the database is encoded in {state.Encoding}; names and labels need UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0");
        if (state.Version > Latest) throw Bad($"the schema datalayer has version {state.Version}, this program knows up to {Latest}: it was made by a newer one, use that");
        if (state.IsStandby) throw new EngineException($"{faults.Where}: it is a standby and takes no writes. Name all hosts (Host=a,b), the primary is looked for. It is tried again.", isTransient: true);
        if (state.Version > 0 && state.IsUnique != settings.IsUnique)
        {
            throw Bad(settings.IsUnique
                ? $"Index is btree, but the samples were stored without a unique index. Either set Index=brin, or make it by hand, which takes a while: {PostgresSchemaSql.UniqueIndex}"
                : "Index is brin, but there is a unique index. Either set Index=btree, or remove it by hand: DROP INDEX datalayer.sample_key");
        }
    }

    /// <summary>Returns the state after it.</summary>
    public async Task<PostgresSchemaState> MigrateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var state = await PostgresSchemaState.ReadAsync(connection, cancellation);
        Check(state);
        if (state.Version == Latest) return state;
        await using (var transaction = await connection.BeginTransactionAsync(cancellation))
        {
            await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT /* datalayer:migrate */ pg_advisory_xact_lock({MigrationLock})"), cancellation);
            state = await PostgresSchemaState.ReadAsync(connection, cancellation); // Another daemon may have been faster.
            Check(state);
            foreach (var statement in Statements(state)) await ExecuteAsync(connection, statement, cancellation);
            await transaction.CommitAsync(cancellation);
        }

        return await PostgresSchemaState.ReadAsync(connection, cancellation);
    }

    /// <summary>Lines for people: what is there, and what opening would do.</summary>
    public IReadOnlyList<string> Describe(PostgresSchemaState state)
    {
        var lines = new List<string> { $"{faults.Where}: PostgreSQL {state.Server}{(state.Timescale is null ? string.Empty : $", timescaledb {state.Timescale}")}" };
        if (!state.IsDurable) lines.Add("warning: fsync or full_page_writes is off there: a loss of power can damage all of its data");
        if (!state.MayMakeTemporary) lines.Add("missing right: GRANT TEMPORARY ON DATABASE, for late samples");
        if (state.Version == Latest)
        {
            lines.Add($"schema datalayer has version {state.Version}, nothing to change; {Kind(state.IsHypertable)}, {(state.IsUnique ? "B-tree on (series, time) and BRIN on time" : "BRIN on time")}");
            return lines;
        }

        if (!state.HasSchema) lines.Add(state.MayCreateSchema ? "would create the schema datalayer" : "missing right: CREATE SCHEMA datalayer AUTHORIZATION (this role), or GRANT CREATE ON DATABASE");
        else if (!state.MayCreateInSchema) lines.Add("missing right: the role is to own the schema datalayer");
        lines.Add(state.Version == 0
            ? $"would create tables position, series_def and sample ({Kind(IsNewHypertable(state))}, {(settings.IsUnique ? "B-tree on (series, time) and BRIN on time" : "BRIN on time")}) and views samples, series, rollup_1m, rollup_1h"
            : $"would migrate the schema datalayer from version {state.Version} to {Latest}");
        return lines;
    }

    private IEnumerable<string> Statements(PostgresSchemaState state)
    {
        if (!state.HasSchema) yield return "CREATE SCHEMA datalayer";
        if (state.Version == 0)
        {
            yield return "CREATE TABLE datalayer.migration (version integer PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())";
            yield return PostgresSchemaSql.SampleTable(IsNewHypertable(state));
            if (IsNewHypertable(state)) yield return Hypertable();
            if (settings.IsUnique) yield return PostgresSchemaSql.UniqueIndex;
            yield return PostgresSchemaSql.TimeIndex;
        }

        for (var version = state.Version; version < Latest; version++)
        {
            yield return PostgresSchemaSql.Steps[version];
            yield return string.Create(CultureInfo.InvariantCulture, $"INSERT INTO datalayer.migration (version) VALUES ({version + 1})");
        }
    }

    private bool IsNewHypertable(PostgresSchemaState state) => settings.UsesTimescale && state.Timescale is not null;

    // The extension's functions are where it was installed, which the session's empty search path does not name.
    private string Hypertable() => string.Create(CultureInfo.InvariantCulture, $"""
        DO $$ BEGIN EXECUTE format('SELECT %I.create_hypertable(''datalayer.sample'', ''time'', chunk_time_interval => interval ''{settings.PartitionWidth.TotalHours} hours'', create_default_indexes => false)',
          (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'timescaledb')); END $$
        """);

    private string Kind(bool isHypertable) => isHypertable ? "hypertable" : $"range partitions of {settings.PartitionWidth.TotalHours:0} h";

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private EngineException Bad(string what) => new($"{faults.Where}: {what}.", isTransient: false);
}
