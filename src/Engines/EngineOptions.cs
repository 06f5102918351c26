namespace DataLayer.Engines;

/// <summary>One entry of <c>DataLayer:Engines</c>, checked and with its secrets read. What is left null or empty is the kind's default.</summary>
public sealed class EngineOptions
{
    /// <summary>What people call it: lower-case letters, digits, '-' and '_'; unique.</summary>
    public required string Name { get; init; }

    /// <summary>"postgres", "clickhouse", "redis" or "mongo".</summary>
    public required string Kind { get; init; }

    /// <summary>As the kind's driver writes it, password and all. Never in a log, an error or a status: <see cref="EngineException"/> texts name host and database alone.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Instead of what the connection string says; null: as there. From configuration, the environment or a file.</summary>
    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>Connections at most; default 4.</summary>
    public int PoolSize { get; init; } = 4;

    /// <summary>Samples of a batch in quiet times, default 10,000. When the engine lags, batches grow to sixteen times as many, or as many as it prefers.</summary>
    public int BatchRows { get; init; } = 10_000;

    /// <summary>Bytes of a batch in memory at most, default 16 MiB.</summary>
    public long BatchBytes { get; init; } = 16L << 20;

    /// <summary>How long samples may wait for a batch to fill, default 50 ms.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long one call to the server may take, default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Compression on the wire, where the driver has it.</summary>
    public bool Compression { get; init; } = true;

    /// <summary>Of "raw", "rollups", "latest": what the engine is to hold; empty: what is usual for the kind.</summary>
    public IReadOnlyList<string> Takes { get; init; } = [];

    /// <summary>Raw samples older than this are deleted; null: never.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>A PEM file with the certificates to trust instead of the system's; null: the system's.</summary>
    public string? TlsCa { get; init; }

    /// <summary>A PEM file with the client's certificate, and its key in <see cref="TlsKey"/>.</summary>
    public string? TlsCertificate { get; init; }

    public string? TlsKey { get; init; }

    /// <summary>What is the kind's own, by name ("Index" = "brin"); each kind refuses names that it does not know. Documented in docs/engines.md.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
