namespace DataLayer.LoadTest;

/// <summary>One connection or socket with its thread.</summary>
internal interface ISender : IDisposable
{
    /// <summary>Samples handed to the socket.</summary>
    long SentSamples { get; }

    /// <summary>Samples in acked batches; over UDP none are.</summary>
    long AckedSamples { get; }

    long SentBytes { get; }

    /// <summary>From when a batch was due to its ack.</summary>
    Latencies AckLatencies { get; }

    /// <summary>What went wrong, or null. A broken connection or an error of the daemon.</summary>
    string? Fault { get; }

    /// <summary>Connects, says hello, declares schemas.</summary>
    void Open();

    /// <summary>Sends until <paramref name="endTicks"/>. Runs on a thread of its own.</summary>
    void Send(long startTicks, long endTicks);

    /// <summary>Waits until all that was sent is acked; false where the daemon does not do that in time.</summary>
    bool WaitForAcks(TimeSpan patience);
}
