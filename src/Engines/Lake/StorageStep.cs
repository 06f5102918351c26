namespace DataLayer.Engines.Lake;

/// <summary>The kinds of file operation of the lake, for fault injection.</summary>
internal enum StorageStep
{
    Create,
    FlushFile,
    Rename,
    FlushFolder,
    Delete,
}
