using DataLayer.Ingest.Sessions;

namespace DataLayer.Daemon.Hosting;

/// <summary>
/// The conservation law, in samples since the daemon started: received = stored + rejected + dropped + in flight + held.
/// Sessions and pipeline count apart; what one has handed over and the other has not taken is <paramref name="Unaccounted"/>: 0 when the daemon is idle,
/// a moment's skew between two reads when it is not.
/// </summary>
/// <param name="Held">Received by sessions and not yet handed to the pipeline.</param>
internal sealed record Conservation(IngestCounters Sessions, long Received, long Stored, long InFlight, long Held, long Unaccounted)
{
    public static Conservation Of(DaemonNode node)
    {
        var stored = node.Pipeline.StoredSamples;
        var published = node.Pipeline.PublishedSamples;
        var sessions = node.Sessions.Total();
        var held = sessions.Received - sessions.Published - sessions.RejectedTotal - sessions.DroppedTotal;
        return new Conservation(sessions, sessions.Received, stored, published - stored, held, sessions.Published - published);
    }
}
