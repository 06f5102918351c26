namespace DataLayer.Ingest.Sessions;

/// <summary>Why good samples were let go. A label of metrics: never renumber, add at the end.</summary>
public enum DropReason
{
    /// <summary>They came by UDP, and the ring was full.</summary>
    UdpRingFull,

    /// <summary>The connection ended while they waited for room in the ring. They were not acked.</summary>
    SessionClosed,
}
