using System.Diagnostics;
using DataLayer.Engines.Mongo;
using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Tests.Mongo;

/// <summary>Measures, does not judge: the engine beside the bare driver, which inserts the very same documents, made beforehand, over as many connections. Run with <c>-explicit only -class "*MongoThroughput" -showLiveOutput</c>.</summary>
[Collection(nameof(MongoCollection))]
public sealed class MongoThroughput(MongoFixture fixture)
{
    private const long T0 = 1_772_359_200_000_000;
    private const int SeriesCount = 2000;
    private const int Connections = 4;

    [Theory(Explicit = true)]
    [InlineData(5, 40)]
    [InlineData(20, 12)]
    [InlineData(80, 6)]
    public async Task WriteAsync_beside_the_bare_driver(int samplesPerSeries, int batches)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var rows = SeriesCount * samplesPerSeries;
        var model = new EngineModel();
        var sources = Enumerable.Range(0, batches + 1).Select(batch => model.Next([.. Enumerable.Range(0, rows).Select(row =>
            new Sample(row / samplesPerSeries, T0 + (((batch * samplesPerSeries) + (row % samplesPerSeries)) * 1_000_000L), Math.Round(Random.Shared.NextDouble() * 100, 2)))])).ToList();
        for (var turn = 0; turn < 2; turn++)
        {
            var engineRate = await EngineAsync(sources, rows, cancellation);
            var driverRate = await DriverAsync(sources, rows, cancellation);
            TestContext.Current.TestOutputHelper!.WriteLine($"batches of {rows:N0}: engine {engineRate:N0}/s, bare driver {driverRate:N0}/s, ratio {engineRate / driverRate:0.00}");
        }
    }

    /// <summary>The slow way: every sample may have a twin. A rebuild, and the first batch after a restart.</summary>
    [Theory(Explicit = true)]
    [InlineData(5)]
    [InlineData(20)]
    public async Task AddAsync_samples_that_may_have_twins(int samplesPerSeries)
    {
        var cancellation = TestContext.Current.CancellationToken;
        Sample[] samples = [.. Enumerable.Range(0, SeriesCount * samplesPerSeries).Select(row => new Sample(row / samplesPerSeries, T0 + (row % samplesPerSeries * 1_000_000L), row))];
        await using var engine = new MongoEngine(MongoFixture.Options(fixture.Server.ConnectionString, MongoFixture.NewDatabase()), MongoFixture.Context(new MemoryCatalog(SeriesCount)));
        await engine.OpenAsync(cancellation);
        foreach (var lsn in new[] { 1L, 1L, 2L })
        {
            var began = Stopwatch.GetTimestamp();
            await engine.AddAsync(new MemorySource(lsn, lsn, samples, _ => long.MaxValue), cancellation);
            TestContext.Current.TestOutputHelper!.WriteLine($"{samples.Length:N0} samples of version {lsn}: {samples.Length / Stopwatch.GetElapsedTime(began).TotalSeconds:N0}/s");
        }
    }

    private async Task<double> EngineAsync(List<MemorySource> sources, int rows, CancellationToken cancellation)
    {
        await using var engine = new MongoEngine(MongoFixture.Options(fixture.Server.ConnectionString, MongoFixture.NewDatabase()), MongoFixture.Context(new MemoryCatalog(SeriesCount)));
        await engine.OpenAsync(cancellation);
        await engine.WriteAsync(sources[0], cancellation);
        var began = Stopwatch.GetTimestamp();
        foreach (var source in sources.Skip(1)) await engine.WriteAsync(source, cancellation);
        return rows * (sources.Count - 1) / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private async Task<double> DriverAsync(List<MemorySource> sources, int rows, CancellationToken cancellation)
    {
        // The collection as the engine makes it.
        var database = MongoFixture.NewDatabase();
        var catalog = new MemoryCatalog(SeriesCount);
        await using var engine = new MongoEngine(MongoFixture.Options(fixture.Server.ConnectionString, database), MongoFixture.Context(catalog));
        await engine.OpenAsync(cancellation);
        using var client = new MongoClient(fixture.Server.ConnectionString);
        var raw = client.GetDatabase(database).GetCollection<RawBsonDocument>("raw", new MongoCollectionSettings { AssignIdOnInsert = false }).WithWriteConcern(new WriteConcern("majority", journal: true));
        var batches = sources.ConvertAll(source => source.Split(Connections).Select(part => Documents((MemorySource)part, catalog)).ToList());
        await InsertAsync(batches[0]);
        var began = Stopwatch.GetTimestamp();
        foreach (var batch in batches.Skip(1)) await InsertAsync(batch);
        return rows * (sources.Count - 1) / Stopwatch.GetElapsedTime(began).TotalSeconds;

        Task InsertAsync(List<RawBsonDocument[]> parts) => Task.WhenAll(parts.Select(part => raw.InsertManyAsync(part, new InsertManyOptions { IsOrdered = false }, cancellation)));
    }

    private static RawBsonDocument[] Documents(MemorySource part, MemoryCatalog catalog)
    {
        var documents = new SampleDocuments(part.EndLsn);
        var columns = new DataLayer.Ingest.Records.SeriesColumns();
        part.Reset();
        while (part.TryNext(columns))
        {
            documents.Begin(catalog.KeyOf(columns.Series), SeriesId.Of(catalog.KeyOf(columns.Series)));
            for (var at = 0; at < columns.Count; at++) documents.Add(columns.Times[at], columns.Values[at], 1f);
        }

        return documents.Take();
    }
}
