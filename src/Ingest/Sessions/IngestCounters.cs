namespace DataLayer.Ingest.Sessions;

/// <summary>
/// What sessions have counted: plain numbers with one writer, the session; summed by the host when somebody asks, and when a session ends.
/// <code>Received = Published + sum(Rejected) + sum(Dropped) + held by sessions (their records under way; 0 when they are idle)</code>
/// What counts as one sample: a line; a numeric or boolean field of a point; a value of a row or block that is not "no sample";
/// a line or point that cannot be read; any message of a kind unknown. Events are counted apart, by the same law. A batch refused whole, a duplicate included, is counted as a batch and never as
/// samples: nobody has looked inside. Hello, schema, flush and datagram headers hold no samples. String fields are no samples either.
/// Bytes that belong to no message any more (after garbage) are not counted as samples.
/// </summary>
public sealed class IngestCounters
{
    public static readonly int RejectReasons = Enum.GetValues<RejectReason>().Length;
    public static readonly int DropReasons = Enum.GetValues<DropReason>().Length;
    public static readonly int MessageKinds = Enum.GetValues<MessageKind>().Length;

    // Owned by: the session. Read by any thread; a 64-bit read is whole.

    /// <summary>Samples by <see cref="RejectReason"/>.</summary>
    public readonly long[] Rejected = new long[RejectReasons];

    /// <summary>Samples by <see cref="DropReason"/>.</summary>
    public readonly long[] Dropped = new long[DropReasons];

    /// <summary>Messages by <see cref="MessageKind"/>, those inside batches included.</summary>
    public readonly long[] Messages = new long[MessageKinds];

    /// <summary>Events by <see cref="RejectReason"/>.</summary>
    public readonly long[] EventsRejected = new long[RejectReasons];

    /// <summary>Events by <see cref="DropReason"/>.</summary>
    public readonly long[] EventsDropped = new long[DropReasons];

    /// <summary>Batches refused whole, by <see cref="RejectReason"/>.</summary>
    public readonly long[] BatchesRejected = new long[RejectReasons];

    /// <summary>Samples received.</summary>
    public long Received;

    /// <summary>Samples handed to the pipeline.</summary>
    public long Published;

    public long EventsReceived;

    /// <summary>Events handed to the pipeline.</summary>
    public long EventsPublished;

    /// <summary>Bytes received.</summary>
    public long Bytes;

    /// <summary>Messages refused whole or in part, those in batches included.</summary>
    public long Faults;

    /// <summary>Fields of points that are not numeric.</summary>
    public long SkippedFields;

    /// <summary>Batches applied.</summary>
    public long Batches;

    /// <summary>Batches that an agent sent again: acked, not applied.</summary>
    public long DuplicateBatches;

    /// <summary>Batches whose number is not one more than the agent's last: applied; what is between was never sent, or was refused.</summary>
    public long BatchGaps;

    public long Datagrams;

    /// <summary>Datagrams missing by their sources' numbers, those that came late taken out.</summary>
    public long DatagramsMissing;

    public long DatagramsDuplicate;

    public long DatagramsReordered;

    /// <summary>Messages that mean nothing in a datagram: ops 0, 5, and 4 with a number.</summary>
    public long DatagramMessagesIgnored;

    public long RejectedTotal => Sum(Rejected);

    public long DroppedTotal => Sum(Dropped);

    public long EventsRejectedTotal => Sum(EventsRejected);

    public long EventsDroppedTotal => Sum(EventsDropped);

    public void Add(IngestCounters other)
    {
        Add(Rejected, other.Rejected);
        Add(Dropped, other.Dropped);
        Add(Messages, other.Messages);
        Add(BatchesRejected, other.BatchesRejected);
        Add(EventsRejected, other.EventsRejected);
        Add(EventsDropped, other.EventsDropped);
        EventsReceived += other.EventsReceived;
        EventsPublished += other.EventsPublished;
        Received += other.Received;
        Published += other.Published;
        Bytes += other.Bytes;
        Faults += other.Faults;
        SkippedFields += other.SkippedFields;
        Batches += other.Batches;
        DuplicateBatches += other.DuplicateBatches;
        BatchGaps += other.BatchGaps;
        Datagrams += other.Datagrams;
        DatagramsMissing += other.DatagramsMissing;
        DatagramsDuplicate += other.DatagramsDuplicate;
        DatagramsReordered += other.DatagramsReordered;
        DatagramMessagesIgnored += other.DatagramMessagesIgnored;
    }

    private static void Add(long[] into, long[] from)
    {
        for (var i = 0; i < into.Length; i++) into[i] += from[i];
    }

    private static long Sum(long[] counts)
    {
        long sum = 0;
        foreach (var count in counts) sum += count;
        return sum;
    }
}
