namespace DataLayer.Ingest.Series;

/// <summary>
/// Canonical key (name and sorted labels) → series number. Look-ups take no lock; new series take one. A new series waits in
/// the definition queue until the commit thread has made it durable, before any record that uses it.
/// </summary>
public sealed class SeriesRegistry : ISeriesCatalog
{
    public int Count => throw new NotImplementedException();

    public ReadOnlySpan<byte> KeyOf(int series) => throw new NotImplementedException();

    public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => throw new NotImplementedException();

    /// <summary>
    /// The number of the series with this canonical key, given out if it is new. <paramref name="agentCount"/> is the caller's count of
    /// series it has added, checked against <paramref name="agentLimit"/> and incremented when one is added.
    /// Thread: any. Allocates: only for a new series. Blocks: a lock for a new series. Fails: returns the status.
    /// </summary>
    public SeriesStatus GetOrAdd(ReadOnlySpan<byte> key, ref int agentCount, int agentLimit, out int series) => throw new NotImplementedException();

    /// <summary>
    /// Looks up the cache of raw bytes (name and labels exactly as some agent sent them) → series number.
    /// Thread: any. Allocates: no. Blocks: no. Fails: returns false.
    /// </summary>
    public bool TryGetRaw(ReadOnlySpan<byte> raw, out int series) => throw new NotImplementedException();

    /// <summary>Remembers that <paramref name="raw"/> means <paramref name="series"/>. Bounded: when full, nothing more is remembered.</summary>
    public void AddRaw(ReadOnlySpan<byte> raw, int series) => throw new NotImplementedException();
}
