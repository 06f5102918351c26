namespace DataLayer.Client;

/// <summary>Sums of <see cref="StoreResult"/>.</summary>
internal static class Results
{
    // Faults beyond these are counted in Rejected and not listed: a feed that is wrong in the same way for days must not fill memory.
    private const int MaxFaults = 1000;

    public static StoreResult Add(StoreResult a, StoreResult b)
    {
        IReadOnlyList<BatchFault> faults = b.Faults.Count == 0 || a.Faults.Count >= MaxFaults ? a.Faults : [.. a.Faults, .. b.Faults];
        return new StoreResult(a.Accepted + b.Accepted, a.Rejected + b.Rejected, faults);
    }
}
