using DataLayer.Engines;
using DataLayer.Ingest.Records;
using Xunit;

namespace DataLayer.Query.Tests;

/// <summary>The lake from its border on, another engine before it; each time once.</summary>
public sealed class HistorySnapshotTests
{
    private const long Border = 100;

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(0, Border)]
    [InlineData(Border, 1000)]
    [InlineData(50, 151)]
    [InlineData(99, 101)]
    public void ReadSamples_anyRange_takesEachTimeFromOneSide(long start, long end)
    {
        // Both hold all; what the lake holds before its border, as retention has not removed the file yet, does not count.
        var random = new Random(7);
        var all = Enumerable.Range(0, 6).ToDictionary(series => series, series => Enumerable.Range(0, 300).Where(_ => random.Next(3) == 0 && series != 2).Select(time => (long)time).ToArray());
        using var both = new HistorySnapshot(new Fixed(all, 1, Border), new Fixed(all, 2, long.MinValue));
        int[] asked = [4, 2, 0, 5];
        var read = both.ReadSamples(asked, start, end, TestContext.Current.CancellationToken).SelectMany(columns => Enumerable.Range(0, columns.Count).Select(at => (columns.Series, Time: columns.Times[at], Value: columns.Values[at]))).ToList();
        var expected = asked.SelectMany(series => all[series].Where(time => time >= start && time < end).Select(time => (series, time, time >= Border ? 1.0 : 2.0)));
        Assert.Equal(expected, read);
    }

    [Fact]
    public void TryLatest_asksTheHistoryOnlyForWhatTheLakeDoesNotHave()
    {
        using var both = new HistorySnapshot(new Fixed(new() { [0] = [150] }, 1, Border), new Fixed(new() { [0] = [160], [1] = [50] }, 2, long.MinValue));
        Assert.True(both.TryLatest(0, out var time, out var value));
        Assert.Equal((150, 1.0), (time, value));
        Assert.True(both.TryLatest(1, out time, out value));
        Assert.Equal((50, 2.0), (time, value));
        Assert.False(both.TryLatest(2, out _, out _));
    }

    /// <summary>Series with the same value at all of their times.</summary>
    private sealed class Fixed(Dictionary<int, long[]> times, double value, long rawFrom) : IEngineSnapshot
    {
        public long Position => 1;

        public long RawFromMicros => rawFrom;

        public IEnumerable<SeriesColumns> ReadSamples(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
        {
            var columns = new SeriesColumns();
            foreach (var one in series)
            {
                columns.Clear();
                columns.Series = one;
                foreach (var time in times.GetValueOrDefault(one, []).Where(time => time >= startMicros && time < endMicros)) columns.Append(time, value);
                if (columns.Count > 0) yield return columns;
            }
        }

        public IEnumerable<RollupColumns> ReadRollups(Resolution resolution, int[] series, long startMicros, long endMicros, RollupFields fields, CancellationToken cancellation) => [];

        public bool TryLatest(int series, out long timeMicros, out double latest)
        {
            (timeMicros, latest) = times.TryGetValue(series, out var known) ? (known[^1], value) : (0, 0);
            return known is not null;
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
