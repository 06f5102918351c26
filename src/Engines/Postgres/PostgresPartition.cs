namespace DataLayer.Engines.Postgres;

/// <summary>A partition of the samples: from ≤ time &lt; to, Unix microseconds; long.MinValue and long.MaxValue: no bound.</summary>
/// <param name="Name">Without the schema.</param>
internal readonly record struct PostgresPartition(string Name, long From, long To);
