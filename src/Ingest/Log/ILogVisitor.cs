using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>Sees what a walk through the log comes to, in order.</summary>
internal interface ILogVisitor
{
    /// <summary>A segment begins that should start with <paramref name="first"/>.</summary>
    void OnSegment(string name, long first);

    /// <summary>A whole record of samples, with its schemas.</summary>
    void OnRecord(Record record);

    /// <summary>Last batches of agents, as a segment lists them.</summary>
    void OnAgent(int number, long seq);

    /// <summary>The segment is at its end; the next record should be <paramref name="next"/>. <paramref name="end"/>: behind the last record.</summary>
    void OnSegmentEnd(long end, long next);

    void OnFinding(LogFinding finding);
}
