using System.Globalization;

namespace DataLayer.Engines.ClickHouse;

/// <summary>What is ClickHouse's own in <see cref="EngineOptions.Settings"/>; the names are those of the properties. Described in docs/engines/clickhouse.md.</summary>
internal sealed record ClickHouseSettings
{
    private static readonly string[] Names = [nameof(Database), nameof(Partition), nameof(Cluster), nameof(Replicated), nameof(ReplicaPath), nameof(Quorum), nameof(Fsync)];

    /// <summary>The database that everything lies in; made where it is missing.</summary>
    public string Database { get; private init; } = "datalayer";

    /// <summary>How much time one partition holds: "month", "day" or "none". Counts when the table is made, and never again.</summary>
    public string Partition { get; private init; } = "month";

    /// <summary>The cluster that the tables are made on; null: this server alone.</summary>
    public string? Cluster { get; private init; }

    /// <summary>Whether the tables of a cluster are replicated (through Keeper).</summary>
    public bool Replicated { get; private init; } = true;

    /// <summary>The folder in Keeper.</summary>
    public string ReplicaPath { get; private init; } = "/clickhouse/tables";

    /// <summary>How many replicas must have a batch before it counts as stored: "auto" (the majority) or a number; null: one.</summary>
    public string? Quorum { get; private init; }

    /// <summary>Whether samples are on disk, not in the server's page cache alone, when a write returns.</summary>
    public bool Fsync { get; private init; } = true;

    /// <summary>Throws <see cref="EngineException"/> on names and values that there are not.</summary>
    public static ClickHouseSettings Parse(string engine, IReadOnlyDictionary<string, string> settings)
    {
        var parsed = new ClickHouseSettings();
        foreach (var (name, value) in settings)
        {
            var known = Array.Find(Names, one => one.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw Refused(engine, $"the setting {name} is unknown; there are {string.Join(", ", Names)}");
            parsed = parsed.With(engine, known, value);
        }

        if (parsed.Cluster is null && parsed.Quorum is not null) throw Refused(engine, "Quorum counts only with Cluster");
        return parsed;
    }

    private ClickHouseSettings With(string engine, string name, string value) => name switch
    {
        nameof(Database) => this with { Database = Identifier(engine, name, value) },
        nameof(Partition) => this with { Partition = OneOf(engine, name, value, "month", "day", "none") },
        nameof(Cluster) => this with { Cluster = value.Length == 0 ? null : Identifier(engine, name, value) },
        nameof(Replicated) => this with { Replicated = Truth(engine, name, value) },
        nameof(ReplicaPath) => this with { ReplicaPath = Path(engine, value) },
        nameof(Quorum) => this with { Quorum = Count(engine, value) },
        _ => this with { Fsync = Truth(engine, name, value) },
    };

    // Identifiers go into statements, where parameters cannot stand.
    private static string Identifier(string engine, string name, string value) =>
        value.Length is > 0 and <= 64 && !char.IsAsciiDigit(value[0]) && value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')
            ? value
            : throw Refused(engine, $"{name} = '{value}' must be 1 to 64 letters, digits and _, not beginning with a digit");

    private static string Path(string engine, string value) =>
        value.StartsWith('/') && !value.EndsWith('/') && value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '_' or '-' or '{' or '}')
            ? value
            : throw Refused(engine, $"ReplicaPath = '{value}' must begin with / and hold letters, digits, '/', '_', '-' and macros like {{cluster}}");

    private static string OneOf(string engine, string name, string value, params string[] allowed) =>
        allowed.Contains(value) ? value : throw Refused(engine, $"{name} = '{value}' must be one of {string.Join(", ", allowed)}");

    private static bool Truth(string engine, string name, string value) =>
        bool.TryParse(value, out var truth) ? truth : throw Refused(engine, $"{name} = '{value}' must be true or false");

    private static string Count(string engine, string value) =>
        value == "auto" || (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 2)
            ? value
            : throw Refused(engine, $"Quorum = '{value}' must be auto or a number of replicas from 2 on");

    private static EngineException Refused(string engine, string why) => new($"Engine {engine} (clickhouse): {why}.", isTransient: false);
}
