using DataLayer.Engines.Lake;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests;

/// <summary>What an engine must hold: the simplest thing that is right. Makes the batches, too, with the base times that the hot store would state.</summary>
/// <param name="catalog">Null: the order of the series is that of their numbers.</param>
internal sealed class EngineModel(ISeriesCatalog? catalog = null)
{
    private readonly SortedDictionary<(int Series, long Time), Sample> _samples = [];
    private readonly Dictionary<int, long> _baseTimes = [];

    public long Position { get; private set; }

    public IReadOnlyCollection<Sample> Samples => _samples.Values;

    /// <summary>The next batch, already applied to the model.</summary>
    public MemorySource Next(params IReadOnlyList<Sample> samples)
    {
        var batch = Peek(samples);
        Apply(batch.EndLsn, samples);
        return batch;
    }

    /// <summary>The next batch; the model does not hold it yet.</summary>
    public MemorySource Peek(IReadOnlyList<Sample> samples)
    {
        var baseTimes = new Dictionary<int, long>(_baseTimes);
        return new MemorySource(Position, Position + Math.Max(1, samples.Count), samples, series => baseTimes.GetValueOrDefault(series, long.MinValue), catalog);
    }

    public void Apply(long endLsn, IReadOnlyList<Sample> samples)
    {
        Position = endLsn;
        foreach (var sample in samples)
        {
            _samples[(sample.Series, sample.Time)] = sample;
            _baseTimes[sample.Series] = Math.Max(sample.Time, _baseTimes.GetValueOrDefault(sample.Series, long.MinValue));
        }
    }

    /// <summary>As after a restart: the base times are what the engine says.</summary>
    public void Restart(long[] storedTimes)
    {
        _baseTimes.Clear();
        for (var series = 0; series < storedTimes.Length; series++) _baseTimes[series] = storedTimes[series];
    }

    public void Remove(Func<Sample, bool> gone)
    {
        foreach (var sample in _samples.Values.Where(gone).ToList()) _samples.Remove((sample.Series, sample.Time));
    }

    public List<Sample> Read(int[] series, long start, long end) =>
        [.. _samples.Values.Where(sample => series.Contains(sample.Series) && sample.Time >= start && sample.Time < end)];

    public List<(int Series, RollupBucket Bucket)> Rollups(Resolution resolution)
    {
        var width = resolution == Resolution.Minute ? 60_000_000L : 3_600_000_000L;
        return [.. _samples.Values.Where(sample => !double.IsNaN(sample.Value))
            .GroupBy(sample => (sample.Series, Start: (long)Math.Floor(sample.Time / (decimal)width) * width))
            .OrderBy(group => group.Key)
            .Select(group => (group.Key.Series, new RollupBucket(
                group.Key.Start, group.Count(), group.Sum(sample => sample.Value), group.Min(sample => sample.Value), group.Max(sample => sample.Value),
                group.First().Time, group.First().Value, group.Last().Time, group.Last().Value, null)))];
    }

    /// <summary>Reads all of a snapshot the way the model does.</summary>
    public static List<Sample> ReadAll(IEngineSnapshot snapshot, int[] series, long start = long.MinValue, long end = long.MaxValue)
    {
        var read = new List<Sample>();
        foreach (var columns in snapshot.ReadSamples(series, start, end, TestContext.Current.CancellationToken))
        {
            for (var at = 0; at < columns.Count; at++) read.Add(new Sample(columns.Series, columns.Times[at], columns.Values[at], columns.Qualities?[at] ?? 1f));
        }

        return read;
    }

    public static List<(int Series, RollupBucket Bucket)> ReadRollups(IEngineSnapshot snapshot, Resolution resolution, int[] series)
    {
        var read = new List<(int, RollupBucket)>();
        foreach (var columns in snapshot.ReadRollups(resolution, series, long.MinValue, long.MaxValue, RollupFields.All, TestContext.Current.CancellationToken))
        {
            read.AddRange(BucketsOf(columns).Select(bucket => bucket with { Sketch = null }).GroupBy(bucket => bucket.Start).OrderBy(bucket => bucket.Key).Select(bucket => (columns.Series, bucket.Aggregate((one, other) => RollupBuilder.Combine(one, other)))));
        }

        return read;
    }

    /// <summary>The rows of all slices, which add up.</summary>
    public static IEnumerable<RollupBucket> BucketsOf(RollupColumns columns) =>
        columns.Slices.SelectMany(slice => Enumerable.Range(slice.From, slice.To - slice.From).Select(row => slice.Rows[row]));

    public static void AssertSame(IEnumerable<Sample> expected, IEnumerable<Sample> actual) => Assert.Equal(
        expected.Select(sample => (sample.Series, sample.Time, sample.Bits, sample.Quality)), actual.Select(sample => (sample.Series, sample.Time, sample.Bits, sample.Quality)));

    /// <summary>Everything that a snapshot answers is what the model says. Values must be such that sums are exact in any order.</summary>
    public void AssertMatches(IEngineSnapshot snapshot, int seriesCount, bool withRollups = true, bool withRaw = true)
    {
        int[] all = [.. Enumerable.Range(0, seriesCount).OrderBy(OrderOf)];
        Assert.Equal(Position, snapshot.Position);
        AssertLatest(snapshot, all);
        if (!withRaw) return;
        AssertSame(_samples.Values.OrderBy(sample => OrderOf(sample.Series)), ReadAll(snapshot, all));
        int[] metric = [.. all.Where(series => OrderOf(series) >> 32 == OrderOf(all[0]) >> 32)];
        AssertSame(_samples.Values.Where(sample => metric.Contains(sample.Series)), ReadAll(snapshot, metric));
        if (!withRollups) return;
        Assert.Equal(Rollups(Resolution.Minute).OrderBy(row => OrderOf(row.Series)), ReadRollups(snapshot, Resolution.Minute, all));
        Assert.Equal(Rollups(Resolution.Hour).OrderBy(row => OrderOf(row.Series)), ReadRollups(snapshot, Resolution.Hour, all));
    }

    /// <summary>The last sample of each series is the model's.</summary>
    public void AssertLatest(IEngineSnapshot snapshot, int[] series)
    {
        foreach (var one in series)
        {
            var mine = _samples.Values.Where(sample => sample.Series == one).ToList();
            Assert.Equal(mine.Count > 0, snapshot.TryLatest(one, out var time, out var value));
            if (mine.Count > 0) Assert.Equal((mine[^1].Time, mine[^1].Bits), (time, BitConverter.DoubleToInt64Bits(value)));
        }
    }

    private long OrderOf(int series) => catalog is null ? series : SeriesOrder.Of(catalog, series);
}
