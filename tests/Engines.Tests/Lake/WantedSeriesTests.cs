using CsCheck;
using DataLayer.Engines.Lake;
using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests.Lake;

public class WantedSeriesTests
{
    private const int SeriesCount = 30;

    private static readonly MemoryCatalog Catalog = MemoryCatalog.Mixed(SeriesCount);

    [Fact]
    public void TryRun_and_Within_equal_a_scan() =>
        Gen.Select(Gen.Int[0, SeriesCount - 1].Array[1, 20], Gen.Int[0, SeriesCount - 1].Array[1, 40]).Sample(
            (asked, rows) =>
            {
                var wanted = new WantedSeries(Catalog, InOrder(asked.Distinct()));
                var column = InOrder(rows);
                var (low, high) = wanted.Within(column);
                for (var at = 0; at < wanted.Count; at++)
                {
                    var first = Array.IndexOf(column, wanted[at]);
                    var isThere = wanted.TryRun(column, 0, at, out var start, out var end);
                    Assert.Equal(first >= 0, isThere);
                    if (isThere) Assert.Equal((first, Array.LastIndexOf(column, wanted[at]) + 1), (start, end));
                    if (isThere) Assert.InRange(at, low, high - 1);
                }
            },
            iter: 500,
            threads: 1);

    [Fact]
    public void AnyIn_never_misses_a_row_group_and_passes_over_other_metrics() =>
        Gen.Select(Gen.Int[0, SeriesCount - 1].Array[1, 5], Gen.Int[0, SeriesCount - 1].Array[1, 10]).Sample(
            (asked, rows) =>
            {
                var wanted = new WantedSeries(Catalog, InOrder(asked.Distinct()));
                var column = InOrder(rows);
                var metrics = new int[column.Length];
                MetricColumn.Fill(Catalog, column, metrics);
                var mayHold = wanted.AnyIn(MetricColumn.Stats(metrics, column, 0, 0));
                if (asked.Intersect(rows).Any()) Assert.True(mayHold);
                if (!asked.Select(Catalog.MetricOf).Any(metric => metric >= metrics[0] && metric <= metrics[^1])) Assert.False(mayHold);
            },
            iter: 500,
            threads: 1);

    [Fact]
    public void Constructor_out_of_order_throws() => Assert.Throws<ArgumentException>(() => new WantedSeries(Catalog, new[] { 1, 3 }));

    private static int[] InOrder(IEnumerable<int> series)
    {
        int[] sorted = [.. series];
        SeriesOrder.Sort(Catalog, sorted);
        return sorted;
    }
}
