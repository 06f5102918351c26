using System.Globalization;

namespace DataLayer.LoadTest;

/// <summary>In microseconds.</summary>
internal sealed record LatencyReport(long Count, long P50Micros, long P99Micros, long P999Micros, long MaxMicros)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {P50Micros / 1000.0:0.000} ms  p99 {P99Micros / 1000.0:0.000} ms  p99.9 {P999Micros / 1000.0:0.000} ms  max {MaxMicros / 1000.0:0.000} ms  ({Count} measured)");
}
