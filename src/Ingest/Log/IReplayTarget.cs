using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>Whoever takes the records of the log at the start. Called on the recovering thread, in the order of LSNs.</summary>
public interface IReplayTarget
{
    /// <summary>A schema read from the log. Its number is unique within a segment only.</summary>
    Schema CreateSchema(uint number, int[] series);

    /// <summary>An empty record to load the next one into.</summary>
    Record Rent();

    /// <summary>Takes over a loaded record.</summary>
    void Replay(Record record);
}
