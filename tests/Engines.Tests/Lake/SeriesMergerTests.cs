using CsCheck;
using DataLayer.Engines.Lake;

namespace DataLayer.Engines.Tests.Lake;

public sealed class SeriesMergerTests
{
    [Fact]
    public void Add_any_runs_the_later_wins_and_times_ascend() =>
        Gen.Select(Gen.Long[0, 40], Gen.Float[0, 1]).Array[0, 30].Array[1, 6].Sample(runs =>
        {
            var merger = new SeriesMerger();
            merger.Begin(3);
            var model = new SortedDictionary<long, (double Value, float Quality)>();
            var value = 0.0;
            foreach (var run in runs)
            {
                var samples = run.GroupBy(sample => sample.Item1).OrderBy(times => times.Key).Select(times => (Time: times.Key, Value: value++, Quality: times.Last().Item2)).ToArray();
                foreach (var sample in samples) model[sample.Time] = (sample.Value, sample.Quality);
                merger.Add([.. samples.Select(sample => sample.Time)], [.. samples.Select(sample => sample.Value)], [.. samples.Select(sample => sample.Quality)]);
            }

            var columns = merger.Columns;
            Assert.Equal(3, columns.Series);
            Assert.Equal(
                model.Select(sample => (sample.Key, sample.Value.Value, sample.Value.Quality)),
                Enumerable.Range(0, columns.Count).Select(at => (columns.Times[at], columns.Values[at], columns.Qualities?[at] ?? 1f)));
        });
}
