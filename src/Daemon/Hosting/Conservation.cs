using DataLayer.Ingest.Sessions;

namespace DataLayer.Daemon.Hosting;

/// <summary>
/// The conservation law, in samples since the daemon started: received = stored + rejected + dropped + in flight + held.
/// Sessions and pipeline count apart; what one has handed over and the other has not taken is <paramref name="Unaccounted"/>: always 0 but for our faults.
/// </summary>
/// <param name="Held">Received by sessions and not yet handed to the pipeline.</param>
internal sealed record Conservation(IngestCounters Sessions, long Received, long Stored, long InFlight, long Held, long Unaccounted)
{
    /// <summary>Reads between two records before giving up: under full load one lies hundreds of microseconds apart from the next, a read takes a few.</summary>
    private const int AttemptsMax = 200;

    public static Conservation Of(DaemonNode node)
    {
        var balance = Read(node);
        for (var attempt = 1; balance.Unaccounted != 0 && attempt < AttemptsMax; attempt++)
        {
            // A record was handed over between the two reads.
            Thread.Yield();
            balance = Read(node);
        }

        return balance;
    }

    private static Conservation Read(DaemonNode node)
    {
        var stored = node.Pipeline.StoredSamples;
        var published = node.Pipeline.PublishedSamples;
        var sessions = node.Sessions.Total();
        var held = sessions.Received - sessions.Published - sessions.RejectedTotal - sessions.DroppedTotal;
        return new Conservation(sessions, sessions.Received, stored, published - stored, held, sessions.Published - published);
    }
}
