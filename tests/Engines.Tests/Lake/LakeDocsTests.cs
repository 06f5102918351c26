using System.Text.RegularExpressions;
using DataLayer.Engines.Lake;
using DataLayer.Engines.Tests.Events;
using Microsoft.Extensions.Time.Testing;

namespace DataLayer.Engines.Tests.Lake;

/// <summary>The statements of docs/lake.md, run as they stand there, by plain DuckDB in the folder of a lake.</summary>
public sealed partial class LakeDocsTests : IAsyncDisposable
{
    private const int SeriesCount = 6;
    private const long T0 = 1_772_359_200_000_000L;
    private static readonly string[] Statements = [.. Sql().Matches(File.ReadAllText(DocsPath())).Select(match => match.Groups[1].Value)];
    private readonly TemporaryFolder _folder = new();
    private readonly EngineModel _model = new();
    private readonly LakeEngine _engine;

    public LakeDocsTests()
    {
        var options = new LakeOptions { Directory = Path.Combine(_folder.Path, "lake"), RowGroupRows = 64, CompactionFanIn = 2, RawRetention = null };
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddTicks(T0 * 10).AddHours(1));
        _engine = new LakeEngine(options, new MemoryCatalog(SeriesCount), time);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sql_of_the_samples_gives_every_sample_once(bool afterMerging)
    {
        await FillAsync(afterMerging);
        var statement = Statements.Single(sql => sql.Contains("lake/samples", StringComparison.Ordinal));
        var samples = DuckDb.Samples("", $"SELECT substr(name, 2)::INTEGER AS series, epoch_us(time), value, quality FROM ({At(statement)}) ORDER BY series, time");
        EngineModel.AssertSame(_model.Samples, samples);
        var labels = DuckDb.Query("", $"SELECT DISTINCT name, labels['host'] FROM ({At(statement)}) ORDER BY name");
        Assert.Equal([["m0", null], ["m1", "h1"], ["m2", null], ["m3", "h3"], ["m4", null], ["m5", "h5"]], labels);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sql_of_the_rollups_gives_every_bucket_once(bool afterMerging)
    {
        await FillAsync(afterMerging);
        var statement = Statements.Single(sql => sql.Contains("rollup_1m", StringComparison.Ordinal));
        var rows = DuckDb.Query("", $"SELECT series, epoch_us(start), count, sum, min, max, first, last FROM ({At(statement)}) ORDER BY series, start");
        Assert.Equal(
            _model.Rollups(Resolution.Minute).Select(row => (row.Series, row.Bucket.Start, row.Bucket.Count, row.Bucket.Sum, row.Bucket.Min, row.Bucket.Max, row.Bucket.First, row.Bucket.Last)),
            rows.Select(row => ((int)row[0]!, (long)row[1]!, (long)row[2]!, (double)row[3]!, (double)row[4]!, (double)row[5]!, (double)row[6]!, (double)row[7]!)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sql_of_the_events_gives_every_event_once(bool afterMerging)
    {
        await _engine.OpenAsync(TestContext.Current.CancellationToken);
        for (var batch = 0; batch < 3; batch++)
            await _engine.WriteAsync(new EventBatch(batch, batch + 1, EventBatch.Event("x", T0 - (batch * 86_400_000_000L), batch), EventBatch.Event($"y{batch}", T0 + batch)), TestContext.Current.CancellationToken);
        if (afterMerging) new LakeMaintenance(_engine).RunOnce(TestContext.Current.CancellationToken);
        var statement = Statements.Single(sql => sql.Contains("lake/events", StringComparison.Ordinal));
        var rows = DuckDb.Query("", $"SELECT id, epoch_us(time) FROM ({At(statement)}) ORDER BY id");
        Assert.Equal([["x", T0 - (2 * 86_400_000_000L)], ["y0", T0], ["y1", T0 + 1], ["y2", T0 + 2]], rows);
    }

    private async Task FillAsync(bool withMerging)
    {
        var random = new Random(7);
        await _engine.OpenAsync(TestContext.Current.CancellationToken);
        for (var batch = 0; batch < 5; batch++)
        {
            var from = batch * 40;
            var samples = Enumerable.Range(0, 200).Select(_ => new Sample(
                random.Next(SeriesCount), T0 + (random.Next(from, from + 80) * 30_000_000L), random.Next(20) == 0 ? double.NaN : random.Next(1000) / 4.0, random.Next(9) == 0 ? 0.5f : 1f));
            await _engine.WriteAsync(_model.Next([.. samples]), TestContext.Current.CancellationToken);
        }

        using (var snapshot = _engine.Snapshot()) Assert.Contains(snapshot.Files, file => file.IsLate);
        if (withMerging) new LakeMaintenance(_engine).RunOnce(TestContext.Current.CancellationToken);
    }

    private string At(string statement) => statement.Replace("DATA/lake", _engine.Directory, StringComparison.Ordinal);

    private static string DocsPath()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "DataLayer.sln"))) folder = folder.Parent;
        return Path.Combine(folder.FullName, "docs", "lake.md");
    }

    [GeneratedRegex("```sql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sql();

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }
}
