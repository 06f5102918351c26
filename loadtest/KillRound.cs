namespace DataLayer.LoadTest;

/// <summary>What came of one kill, for all connections together.</summary>
/// <param name="KilledAfterSeconds">How long the daemon was under load.</param>
/// <param name="ReadySeconds">From the start of the new process to /ready.</param>
/// <param name="SentBatches">Batches given to the sockets before the kill.</param>
/// <param name="AckedBatches">Batches acked before the kill.</param>
/// <param name="KeptBatches">Batches that the new process knew of: at least those acked.</param>
/// <param name="Samples">Samples found in the end.</param>
internal sealed record KillRound(double KilledAfterSeconds, double ReadySeconds, long SentBatches, long AckedBatches, long KeptBatches, long Samples);
