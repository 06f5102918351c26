namespace DataLayer.LoadTest;

/// <summary>What is sent.</summary>
internal enum LoadKind
{
    /// <summary>Op 2, by schemas of many series.</summary>
    Rows,

    /// <summary>Op 3: one block of instants of one schema for each batch.</summary>
    Blocks,

    /// <summary>Sample lines, one value each.</summary>
    Lines,

    /// <summary>Points of ten fields.</summary>
    Points,

    /// <summary>Datagrams of sample lines.</summary>
    UdpLines,

    /// <summary>Datagrams of a small schema and rows of it.</summary>
    UdpRows,
}
