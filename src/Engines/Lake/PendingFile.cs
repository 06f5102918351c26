namespace DataLayer.Engines.Lake;

/// <summary>A data file that is being written: its final path, and the temporary one until it is whole.</summary>
internal sealed record PendingFile(LakeFileKind Kind, long PartitionStart, long Number, long Rank, string Path, string Temporary);
