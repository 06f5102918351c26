namespace DataLayer.LoadTest.Hostile;

/// <summary>What one hostile peer did to an honest agent and to the daemon.</summary>
/// <param name="Ratio">The honest agent's p99 to that without the peer.</param>
/// <param name="Cores">The daemon's CPU time while the honest agent sent, in seconds a second.</param>
/// <param name="Newcomer">An agent that connects while the peer is at work.</param>
internal sealed record HostileResult(
    string Peer,
    LatencyReport Honest,
    double Ratio,
    LatencyReport Newcomer,
    double Cores,
    long ResidentBefore,
    long ResidentMost,
    long ResidentAfter,
    int HandlesBefore,
    int HandlesMost,
    int HandlesAfter);
