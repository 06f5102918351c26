namespace DataLayer.Client;

/// <summary>What became of the samples of one call.</summary>
/// <param name="Accepted">Samples that are as safe as the ack mode says.</param>
/// <param name="Rejected">Samples that the daemon refused: they are not stored.</param>
/// <param name="Faults">Why, one entry for each kind of fault in each batch; empty where all were accepted.</param>
public sealed record StoreResult(long Accepted, long Rejected, IReadOnlyList<BatchFault> Faults)
{
    public bool IsComplete => Faults.Count == 0;
}
