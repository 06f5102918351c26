namespace DataLayer.Engines;

/// <summary>What an engine can do; the planner and the contract tests ask.</summary>
[Flags]
public enum EngineCapabilities
{
    None = 0,

    /// <summary>Keeps raw samples.</summary>
    Raw = 1,

    /// <summary>Keeps rollups (1 m, 1 h), or makes them of its raw samples when asked.</summary>
    Rollups = 2,

    /// <summary>Answers reads.</summary>
    Reads = 4,

    /// <summary>Keeps a quality per sample.</summary>
    Quality = 8,

    /// <summary>A snapshot stays as it is while others write. Without it a reader may see a part of what is written meanwhile, each sample whole.</summary>
    StableReads = 16,

    /// <summary>Answers <see cref="IEngineSnapshot.TryLatest"/>. Without <see cref="Raw"/> it keeps of each series the last sample alone.</summary>
    Latest = 32,
}
