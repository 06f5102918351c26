using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Shards;

/// <summary>What the hot store holds, pinned until disposed. Reading does not stop the shards: samples that arrive meanwhile may or may not be seen.</summary>
public sealed class HotSnapshot : IDisposable
{
    /// <summary>Leaves out the generations that an engine at <paramref name="lsn"/> already holds.</summary>
    public void DropUpTo(long lsn) => throw new NotImplementedException();

    /// <summary>
    /// Appends the samples of <paramref name="series"/> with start ≤ time &lt; end (Unix microseconds) to <paramref name="columns"/>, times ascending,
    /// one per time (the later arrival wins), and sets its <c>BaseTime</c>: samples at or before it may replace one in the lake.
    /// </summary>
    public void Read(int series, long startMicros, long endMicros, SeriesColumns columns) => throw new NotImplementedException();

    /// <summary>Whether any sample may replace one that the lake holds (it came late or twice). False is certain.</summary>
    public bool MayReplaceStored => throw new NotImplementedException();

    /// <summary>The sample of this series with the greatest time since the daemon started; false when there is none yet.</summary>
    public bool TryLatest(int series, out long timeMicros, out double value) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
