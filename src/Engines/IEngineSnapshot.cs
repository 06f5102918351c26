using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;

namespace DataLayer.Engines;

/// <summary>
/// A consistent view of an engine. One query owns it and disposes it when nobody reads any more. Several threads may read at the same time, each an enumeration of its own.
/// </summary>
public interface IEngineSnapshot : IDisposable
{
    /// <summary>The position this view stands at: it holds exactly the records up to this LSN.</summary>
    long Position { get; }

    /// <summary>
    /// Raw samples with start ≤ time &lt; end (Unix microseconds) of the given series (in <see cref="SeriesOrder"/>), series by series in that order,
    /// times ascending, one per time. Series without samples are left out. The columns are reused: copy to keep.
    /// </summary>
    IEnumerable<SeriesColumns> ReadSamples(int[] series, long startMicros, long endMicros, CancellationToken cancellation);

    /// <summary>The same for rollups; buckets whose start lies in [start, end). Of each bucket, what <paramref name="fields"/> says.</summary>
    IEnumerable<RollupColumns> ReadRollups(Resolution resolution, int[] series, long startMicros, long endMicros, RollupFields fields, CancellationToken cancellation);

    /// <summary>The sample with the greatest time of a series; false when there is none.</summary>
    bool TryLatest(int series, out long timeMicros, out double value);

    /// <summary>The least time for which raw samples are still kept (retention), Unix microseconds; long.MinValue when unlimited.</summary>
    long RawFromMicros { get; }
}
