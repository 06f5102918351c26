using System.Globalization;

namespace DataLayer.Engines.Postgres;

/// <summary>What is PostgreSQL's own in <see cref="EngineOptions.Settings"/>.</summary>
public sealed record PostgresSettings
{
    private const string Known = "Index, PartitionWidth, PartitionsAhead, MaxPreparedStatements, Timescale";

    /// <summary>"btree" (default): a unique index on (series, time) and a BRIN on time; "brin": the BRIN alone, which writes faster, and finds one series only by reading all of the time range.</summary>
    public bool IsUnique { get; init; } = true;

    /// <summary>How long a time one partition holds: 1 hour to 366 days, whole hours; default 1 day. Existing partitions stay as they are. Retention drops whole partitions.</summary>
    public TimeSpan PartitionWidth { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Partitions made ahead of the clock, 0 to 100; default 2.</summary>
    public int PartitionsAhead { get; init; } = 2;

    /// <summary>Prepared statements of a connection, 0 (none: for poolers that cannot keep them) to 1,000; default 32.</summary>
    public int MaxPreparedStatements { get; init; } = 32;

    /// <summary>"auto" (default): a hypertable where the database has the extension timescaledb when the table is made; "off": declarative partitions everywhere.</summary>
    public bool UsesTimescale { get; init; } = true;

    /// <summary>Throws <see cref="EngineException"/> that says what is allowed.</summary>
    public static PostgresSettings Parse(IReadOnlyDictionary<string, string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var parsed = new PostgresSettings();
        foreach (var (name, value) in settings)
        {
            parsed = name.ToUpperInvariant() switch
            {
                "INDEX" => parsed with { IsUnique = OneOf(name, value, "btree", "brin") },
                "PARTITIONWIDTH" => parsed with { PartitionWidth = Width(name, value) },
                "PARTITIONSAHEAD" => parsed with { PartitionsAhead = Number(name, value, 100) },
                "MAXPREPAREDSTATEMENTS" => parsed with { MaxPreparedStatements = Number(name, value, 1000) },
                "TIMESCALE" => parsed with { UsesTimescale = OneOf(name, value, "auto", "off") },
                _ => throw Bad($"the setting '{name}' is unknown; there are {Known}"),
            };
        }

        return parsed;
    }

    private static bool OneOf(string name, string value, string yes, string no) =>
        value.Equals(yes, StringComparison.OrdinalIgnoreCase) || (value.Equals(no, StringComparison.OrdinalIgnoreCase)
            ? false
            : throw Bad($"{name} is '{value}'; it may be '{yes}' or '{no}'"));

    private static int Number(string name, string value, int most) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
        ? number
        : throw Bad($"{name} is '{value}'; it may be 0 to {most}");

    private static TimeSpan Width(string name, string value) =>
        TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var width) && width >= TimeSpan.FromHours(1) && width <= TimeSpan.FromDays(366) && width.Ticks % TimeSpan.TicksPerHour == 0
            ? width
            : throw Bad($"{name} is '{value}'; it may be 01:00:00 to 366.00:00:00, in whole hours (1.00:00:00 is a day)");

    private static EngineException Bad(string what) => new($"engine kind postgres: {what}.", isTransient: false);
}
