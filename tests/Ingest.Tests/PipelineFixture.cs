using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Ingest.Shards;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Tests;

/// <summary>A pipeline over a log that keeps nothing.</summary>
internal sealed class PipelineFixture : IAsyncDisposable
{
    /// <param name="known">The names of series that are registered, from number 0 on.</param>
    public PipelineFixture(IngestOptions? options = null, params string[] known)
    {
        Options = options ?? new IngestOptions { Shards = 2, RingSlots = 64 };
        Registry = new SeriesRegistry(Definitions, Options.SeriesMax);
        var added = 0;
        foreach (var name in known) Registry.GetOrAdd(SeriesKey.Of(name, [new("n", $"{added}")]), ref added, int.MaxValue, out _);
        Pipeline = new IngestPipeline(Options, Registry, Log, new ShardSet(Options.Shards, Options.HotBytesMax, []), 0, TimeProvider.System);
    }

    public IngestOptions Options { get; }

    public DefinitionQueue Definitions { get; } = new();

    public SeriesRegistry Registry { get; }

    public NullLog Log { get; } = new();

    public IngestPipeline Pipeline { get; }

    /// <summary>Publishes what <paramref name="fill"/> puts into a record, waiting for capacity; returns the LSN.</summary>
    public async Task<long> PublishAsync(Action<Record> fill)
    {
        var record = Pipeline.Rent();
        fill(record);
        record.Complete(0, 0, 1);
        long lsn;
        while (!Pipeline.TryPublish(record, out lsn)) await Pipeline.WaitForCapacityAsync(CancellationToken.None);
        return lsn;
    }

    public Task SettleAsync(long lsn) => new LsnWait(Pipeline).UntilAsync(lsn, CancellationToken.None);

    public SeriesColumns ReadAll(int series)
    {
        using var hot = Pipeline.AcquireHot();
        var columns = new SeriesColumns();
        hot.Read(series, long.MinValue, long.MaxValue, columns);
        return columns;
    }

    public ValueTask DisposeAsync() => Pipeline.DisposeAsync();
}
