namespace DataLayer.Ingest.Sessions;

/// <summary>Kinds of messages, for counters. A label of metrics: never renumber, add at the end.</summary>
public enum MessageKind
{
    Line,
    Point,
    Hello,
    Schema,
    Row,
    Block,
    Batch,
    Flush,
    Event,
    DatagramHeader,

    /// <summary>None of the above, or not readable.</summary>
    Other,
}
