namespace DataLayer.Engines.Lake;

/// <summary>What a file of the lake holds.</summary>
public enum LakeFileKind
{
    /// <summary>Raw samples of one hour.</summary>
    Samples,

    /// <summary>Rollup rows of one minute each, a day per partition.</summary>
    RollupMinute,

    /// <summary>Rollup rows of one hour each, a day per partition.</summary>
    RollupHour,

    /// <summary>Series numbers with their names and labels.</summary>
    Series,

    /// <summary>Events of one day.</summary>
    Events,
}
