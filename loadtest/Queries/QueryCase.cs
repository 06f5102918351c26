using System.Globalization;

namespace DataLayer.LoadTest.Queries;

/// <summary>
/// A question that both servers are asked, in the words of each. Buckets of ours are [t, t + step), windows of PromQL (t − step, t]; no sample lies on a
/// bucket's edge, so that both see the same ones when PromQL's times are one step later.
/// </summary>
/// <param name="Ours">For data up to a time, Unix seconds at a full hour, and a number that chooses another metric or series each time.</param>
internal sealed record QueryCase(string Name, Func<LoadOptions, long, int, QueryRequest> Ours, Func<LoadOptions, long, int, QueryRequest> Theirs)
{
    private const int Minute = 60;
    private const int Hour = 3600;
    private const int Day = 86_400;

    public static QueryCase[] All { get; } =
    [
        new(
            "one series, an hour of samples",
            (options, end, i) => Samples($"name={Metric(i)}&label.run={options.Run}&label.series={Series(options, i)}", end - Hour, end, string.Empty),
            (options, end, i) => Range($"{Metric(i)}{{run=\"{options.Run}\",series=\"{Series(options, i)}\"}}", end - Hour + 5, end - 5, 10)),
        new(
            "one metric, mean of all hosts each minute, a day",
            (options, end, i) => Samples($"name={Metric(i)}&label.run={options.Run}", end - Day, end, "&step=1m&agg=avg&by="),
            (options, end, i) => Range($"avg(avg_over_time({Metric(i)}{{run=\"{options.Run}\"}}[1m]))", end - Day + Minute, end, Minute)),
        new(
            "one metric, each of all hosts each minute, 12 hours",
            (options, end, i) => Samples($"name={Metric(i)}&label.run={options.Run}", end - (12 * Hour), end, "&step=1m&agg=avg&limit=1000000"),
            (options, end, i) => Range($"avg_over_time({Metric(i)}{{run=\"{options.Run}\"}}[1m])", end - (12 * Hour) + Minute, end, Minute)),
        new(
            "top 10 hosts by the mean of a day",
            (options, end, i) => Samples($"name={Metric(i)}&label.run={options.Run}", end - Day, end, "&agg=avg&top=10"),
            (options, end, i) => Range($"topk(10, avg_over_time({Metric(i)}{{run=\"{options.Run}\"}}[1d]))", end, end, Minute)),
        new(
            "p99 of each host each hour, a day",
            (options, end, i) => Samples($"name={Metric(i)}&label.run={options.Run}", end - Day, end, "&step=1h&agg=p99&limit=1000000"),
            (options, end, i) => Range($"quantile_over_time(0.99, {Metric(i)}{{run=\"{options.Run}\"}}[1h])", end - Day + Hour, end, Hour)),
    ];

    private static string Metric(int i) => string.Create(CultureInfo.InvariantCulture, $"{SeriesNames.Metric}_f{i % 10}");

    /// <summary>The label of the ten series of one point: another one each time.</summary>
    private static string Series(LoadOptions options, int i) => string.Create(CultureInfo.InvariantCulture, $"{i * 7919L % (options.Series / 10) * 10:D7}");

    private static QueryRequest Samples(string select, long start, long end, string rest) =>
        new(string.Create(CultureInfo.InvariantCulture, $"api/v1/samples?{select}&start={start}&end={end}{rest}"));

    private static QueryRequest Range(string promQl, long start, long end, int step) =>
        new(string.Create(CultureInfo.InvariantCulture, $"api/v1/query_range?query={Uri.EscapeDataString(promQl)}&start={start}&end={end}&step={step}&nocache=1"));
}
