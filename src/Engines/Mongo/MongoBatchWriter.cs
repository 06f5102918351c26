using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Mongo;

/// <summary>
/// Writes a batch: says that it begins, stores the series, inserts the samples over several connections, moves the position. Nothing is ever deleted: what a write left that was cut is of
/// the log, too, and its twin of the next attempt has the same version. Owned by the engine; one call at a time.
/// </summary>
internal sealed class MongoBatchWriter(MongoConnection connection, MongoSeries series, MongoPosition positions, int writers)
{
    /// <summary>Samples for each writer at least; with fewer the calls cost more than they save.</summary>
    private const int SamplesPerWriter = 1_000;

    /// <summary>Returns the position, which is the batch's end, or where another instance has moved it beyond.</summary>
    public async Task<long> WriteAsync(ISampleSource batch, CancellationToken cancellation)
    {
        var (times, newSeries) = Look(batch);
        var began = await positions.BeginAsync(times, addedLsn: 0, cancellation).ConfigureAwait(false);
        if (began.Position >= batch.EndLsn)
        {
            await positions.EndAsync(began, began.Position, cancellation).ConfigureAwait(false);
            return began.Position;
        }

        // Another instance may have stored a part of the batch, or the feeder beside the position: all of it may have a twin then.
        var isAllLate = began.Position > batch.AfterLsn || began.Added > batch.AfterLsn;
        await StoreAsync(batch, newSeries, isAllLate, cancellation).ConfigureAwait(false);
        if (await positions.EndAsync(began, batch.EndLsn, cancellation).ConfigureAwait(false)) return batch.EndLsn;
        throw new EngineException($"{connection.Where} is being written by another daemon with the same log: is it started twice?", isTransient: true);
    }

    public async Task<bool> AddAsync(ISampleSource samples, CancellationToken cancellation)
    {
        var (times, newSeries) = Look(samples);
        var began = await positions.BeginAsync(times, samples.EndLsn, cancellation).ConfigureAwait(false);
        await StoreAsync(samples, newSeries, isAllLate: true, cancellation).ConfigureAwait(false);
        await positions.EndAsync(began, began.Position, cancellation).ConfigureAwait(false);
        return true;
    }

    private async Task StoreAsync(ISampleSource batch, List<int> newSeries, bool isAllLate, CancellationToken cancellation)
    {
        await series.StoreAsync(newSeries, cancellation).ConfigureAwait(false);
        batch.Reset();
        var count = (int)Math.Clamp(batch.SampleCount / SamplesPerWriter, 1, writers);
        await Task.WhenAll((count == 1 ? [batch] : batch.Split(count)).Select(part => Task.Run(
            () => new MongoPartWriter(connection, series, positions, batch.EndLsn, isAllLate).WriteAsync(part, cancellation), cancellation))).ConfigureAwait(false);
    }

    /// <summary>A first walk through the batch, for what must be known before the first sample is sent.</summary>
    private (TimeRange Times, List<int> NewSeries) Look(ISampleSource batch)
    {
        var (times, newSeries) = (TimeRange.Empty, new List<int>());
        var columns = new SeriesColumns();
        batch.Reset();
        while (batch.TryNext(columns))
        {
            if (!series.IsStored(columns.Series)) newSeries.Add(columns.Series);
            if (columns.Count > 0) times = times.With(columns.Times[0]).With(columns.Times[columns.Count - 1]);
        }

        return (times, newSeries);
    }
}
