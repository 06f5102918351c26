using CsCheck;
using DataLayer.Query.Samples;
using Xunit;

namespace DataLayer.Query.Tests.Samples;

public sealed class AggregationTests
{
    [Theory]
    [InlineData("p5", 0.05)]
    [InlineData("p50", 0.5)]
    [InlineData("p99", 0.99)]
    [InlineData("p999", 0.999)]
    [InlineData("p99.9", 0.999)]
    [InlineData("p9999", 0.9999)]
    [InlineData("p100", 1)]
    [InlineData("p0", 0)]
    public void Parse_percentile_isQuantile(string text, double expected) =>
        Assert.Equal(new Aggregation(AggregationKind.Quantile, expected), Aggregation.Parse(text));

    [Theory]
    [InlineData("median")]
    [InlineData("p")]
    [InlineData("p101.5")]
    [InlineData("p-5")]
    [InlineData("AVG")]
    [InlineData("")]
    public void Parse_unknown_isBadRequest(string text) => Assert.Throws<QueryException>(() => Aggregation.Parse(text));

    [Fact]
    public void Quantile_fewValues_interpolates()
    {
        Assert.Equal(2.5, Quantile.Of([4, 1, 2, 3], 0.5));
        Assert.Equal(3.97, Quantile.Of([4, 1, 2, 3], 0.99), 12);
        Assert.Equal(7, Quantile.Of([7], 0.99));
        Assert.Equal(double.PositiveInfinity, Quantile.Of([double.PositiveInfinity, double.PositiveInfinity], 0.25));
    }

    [Fact]
    public void Quantile_any_values_equal_those_of_a_sort() =>
        Gen.Select(Gen.OneOf(Gen.Double[-1e6, 1e6].Array[1, 400], Gen.Int[0, 3].Select(value => (double)value).Array[1, 400], Gen.Int[1, 400].Select(Pipe)), Gen.Double.Unit).Sample(
            (values, phi) =>
            {
                double[] sorted = [.. values.Order()];
                var rank = phi * (values.Length - 1);
                var (lower, upper) = ((int)rank, Math.Min((int)rank + 1, values.Length - 1));
                var expected = sorted[lower] == sorted[upper] ? sorted[lower] : (sorted[lower] * (1 - (rank - lower))) + (sorted[upper] * (rank - lower));
                Assert.Equal(expected, Quantile.Of([.. values], phi));
            },
            iter: 2000);

    // Up and down again: what the middle of three picks worst from.
    private static double[] Pipe(int length) => [.. Enumerable.Range(0, length).Select(at => (double)Math.Min(at, length - at))];

    [Fact]
    public void Rate_steadyCounter_isItsSlope()
    {
        // 1 per second, samples every 10 s over the whole minute: extrapolated to the ends as Prometheus does.
        long[] times = [.. Enumerable.Range(0, 6).Select(i => i * 10_000_000L)];
        double[] values = [.. Enumerable.Range(0, 6).Select(i => 100.0 + (i * 10))];
        Assert.Equal(1, CounterRate.Of(times, values, 0, 60_000_000)!.Value, 12);
    }

    [Fact]
    public void Rate_reset_countsFromZero()
    {
        // 10 → 20 (+10), reset → 5 (+5), → 15 (+10): 25 in 30 s sampled; 10 s missing at the end are within 1.1 intervals.
        long[] times = [0, 10_000_000, 20_000_000, 30_000_000];
        Assert.Equal(25.0 * (40.0 / 30) / 40, CounterRate.Of(times, [10, 20, 5, 15], 0, 40_000_000)!.Value, 12);
    }

    [Fact]
    public void Rate_startNearZero_isNotExtrapolatedBelowZero()
    {
        // First value 1, slope 1/s: zero was one second before the first sample, so the start is extrapolated by 1 s, not 5.
        long[] times = [5_000_000, 15_000_000];
        Assert.Equal(10 * ((10.0 + 1 + 5) / 10) / 20, CounterRate.Of(times, [1, 11], 0, 20_000_000)!.Value, 12);
    }

    [Fact]
    public void Rate_oneSample_isNothing() => Assert.Null(CounterRate.Of([1], [1], 0, 10));

    [Fact]
    public void Floor_negativeTimes_roundDown()
    {
        Assert.Equal(-60, BucketGrid.Floor(-1, 60));
        Assert.Equal(-60, BucketGrid.Floor(-60, 60));
        Assert.Equal(0, BucketGrid.Floor(59, 60));
        Assert.Equal(60, BucketGrid.Floor(60, 60));
    }
}
