namespace DataLayer.LoadTest;

/// <summary>How the values of a series go on.</summary>
internal enum ValueShape
{
    /// <summary>A random walk with two decimals.</summary>
    Walk2,

    /// <summary>The same value for ever.</summary>
    Constant,

    /// <summary>One more at each instant.</summary>
    Counter,
}
