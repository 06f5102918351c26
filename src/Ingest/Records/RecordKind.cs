namespace DataLayer.Ingest.Records;

/// <summary>What a record holds. Stored: never renumber.</summary>
public enum RecordKind : ushort
{
    /// <summary>Runs of samples.</summary>
    Samples = 1,

    /// <summary>The series of a schema, written before its first rows in each segment.</summary>
    Schema = 2,

    /// <summary>The last durable batch of every agent, first in each segment.</summary>
    Agents = 3,

    /// <summary>First in each commit: everything before it is on disk. So recovery can tell damage from an unfinished commit.</summary>
    Commit = 4,
}
