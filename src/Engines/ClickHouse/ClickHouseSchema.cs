using System.Globalization;

namespace DataLayer.Engines.ClickHouse;

/// <summary>Looks at what is on the server, and makes or migrates what the engine needs. Never drops anything. Owned by the engine.</summary>
internal sealed class ClickHouseSchema(ClickHouseLink link, ClickHouseSettings settings, EngineOptions options)
{
    /// <summary>The first long-term version with DateTime64 in a TTL (25.6).</summary>
    private static readonly Version Oldest = new(25, 8);

    private readonly ClickHouseDdl _ddl = new(settings, options.Retention);

    /// <summary>Makes what is missing. Throws <see cref="EngineException"/>, having changed nothing, where the server or the schema is not for this version.</summary>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        var found = await FindAsync(cancellation).ConfigureAwait(false);
        if (found.Version < ClickHouseDdl.Version || _ddl.Names.Any(name => !found.Names.Contains(name)))
        {
            await link.ExecuteAsync(_ddl.Database, "create the database", null, cancellation).ConfigureAwait(false);
            foreach (var statement in _ddl.Statements) await link.ExecuteAsync(statement, "create the schema", null, cancellation).ConfigureAwait(false);
        }

        if (found.Version < ClickHouseDdl.Version)
        {
            await link.ExecuteAsync($"INSERT INTO {settings.Database}.schema_version (version) SELECT {ClickHouseDdl.Version}", "state the version of the schema", null, cancellation).ConfigureAwait(false);
        }

        if (HasOtherRetention(found)) await link.ExecuteAsync(_ddl.Retention, "change the retention", null, cancellation).ConfigureAwait(false);
    }

    /// <summary>What is there and what <see cref="EnsureAsync"/> would do, a line each.</summary>
    public async Task<IReadOnlyList<string>> DescribeAsync(CancellationToken cancellation)
    {
        var found = await FindAsync(cancellation).ConfigureAwait(false);
        var lines = new List<string> { $"ClickHouse {found.Server} at {link.Where}" };
        var missing = _ddl.Names.Where(name => !found.Names.Contains(name)).ToList();
        if (found.Names.Count == 0) lines.Add($"would create the database {settings.Database} where it is missing, with {string.Join(", ", missing)}");
        else if (missing.Count > 0) lines.Add($"would create {string.Join(", ", missing)}");
        else lines.Add($"schema version {found.Version}, nothing to create");
        if (HasOtherRetention(found)) lines.Add($"would change the retention from {Words(found.TtlSeconds)} to {Words(ClickHouseDdl.SecondsOf(options.Retention))}");
        if (found.Names.Count > 0 && found.HasTtl && found.TtlSeconds.Length == 0) lines.Add("samples have a TTL that is not DataLayer's: it stays as it is");
        return lines;
    }

    private async Task<Found> FindAsync(CancellationToken cancellation)
    {
        var server = (await link.RowsAsync("SELECT version()", "ask for its version", null, cancellation).ConfigureAwait(false))[0][0];
        if (!Version.TryParse(server, out var parsed) || parsed < Oldest)
        {
            throw new EngineException($"ClickHouse at {link.Where} is version {server}: too old, DataLayer needs {Oldest} or later. Nothing was changed.", isTransient: false);
        }

        var tables = await link.RowsAsync(
            $"""
            SELECT name, extract(create_table_query, 'TTL time \\+ toIntervalSecond\\((\\d+)\\)') AS ttl, position(create_table_query, ' TTL ') > 0 AS has_ttl
            FROM system.tables WHERE database = '{settings.Database}'
            """, "look at the schema", null, cancellation).ConfigureAwait(false);
        var names = tables.Select(table => table[0]).Where(_ddl.Names.Contains).ToHashSet();
        var samples = tables.Find(table => $"{settings.Database}.{table[0]}" == _ddl.LocalSamples);
        if (names.Count > 0 && !names.Contains("schema_version"))
        {
            throw new EngineException(
                $"ClickHouse at {link.Where}: there is {string.Join(", ", names.Order())}, but no schema_version: DataLayer did not make this database. Name another one (Settings: Database). Nothing was changed.", isTransient: false);
        }

        var version = names.Count == 0 ? 0 : await VersionAsync(cancellation).ConfigureAwait(false);
        return new Found(server, version, names, samples?[1] ?? string.Empty, samples?[2] == "1");
    }

    private async Task<int> VersionAsync(CancellationToken cancellation)
    {
        var rows = await link.RowsAsync($"SELECT max(version) FROM {settings.Database}.schema_version", "read the version of the schema", null, cancellation).ConfigureAwait(false);
        var version = int.Parse(rows[0][0], CultureInfo.InvariantCulture);
        return version <= ClickHouseDdl.Version
            ? version
            : throw new EngineException($"ClickHouse at {link.Where} has schema version {version}; this version of DataLayer knows up to {ClickHouseDdl.Version}. Run the newer DataLayer. Nothing was changed.", isTransient: false);
    }

    private bool HasOtherRetention(Found found) =>
        found.Names.Count > 0 && found.HasTtl == (found.TtlSeconds.Length > 0) && found.TtlSeconds != ClickHouseDdl.SecondsOf(options.Retention);

    private static string Words(string seconds) => seconds.Length == 0 ? "for ever" : seconds + " s";

    private sealed record Found(string Server, int Version, HashSet<string> Names, string TtlSeconds, bool HasTtl);
}
