using System.Diagnostics;
using HdrHistogram;

namespace DataLayer.LoadTest;

/// <summary>Latencies in microseconds, three digits, up to two minutes. Not thread-safe: one for each thread, added up at the end.</summary>
internal sealed class Latencies
{
    private const long MaxMicros = 120_000_000;

    private readonly LongHistogram _histogram = new(MaxMicros, 3);

    public long Count => _histogram.TotalCount;

    /// <summary>What began before is not counted: the warm-up.</summary>
    public long CountFromTicks { get; set; }

    public void RecordTicks(long start, long end)
    {
        if (start >= CountFromTicks) _histogram.RecordValue(Math.Clamp((end - start) * 1_000_000 / Stopwatch.Frequency, 1, MaxMicros));
    }

    public void Add(Latencies other) => _histogram.Add(other._histogram);

    public LatencyReport Report() => Count == 0
        ? new LatencyReport(0, 0, 0, 0, 0)
        : new LatencyReport(
            Count, _histogram.GetValueAtPercentile(50), _histogram.GetValueAtPercentile(99), _histogram.GetValueAtPercentile(99.9), _histogram.GetMaxValue());
}
