using DataLayer.Engines.Lake;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Feed;

/// <summary>Gives an engine all that the lake holds, hour by hour, some series at a time, beside its position. Idempotent: after a crash it is done anew. Used once.</summary>
internal sealed class EngineRebuild(IFedEngine engine, FeedOptions options, FeedContext context, FeedReport report)
{
    private const long HourMicros = 3_600_000_000L;
    private const long DayMicros = 24 * HourMicros;
    private const int EventsAtOnce = 1000;

    /// <summary>Series that one reading of the lake asks for; their samples of an hour are in memory one series at a time.</summary>
    private const int SeriesAtOnce = 4096;

    private readonly SeriesFilter _filter = new(context.Catalog, options.Names, options.Labels);
    private readonly List<DeadLetter> _unholdable = [];

    public async Task RunAsync(LakeSnapshot lake, CancellationToken cancellation)
    {
        var hours = lake.Files.Where(file => file.Kind == LakeFileKind.Samples).Select(file => file.PartitionStart).Distinct().Order().ToList();
        var series = Enumerable.Range(0, lake.SeriesCount).Where(_filter.Takes).ToArray();
        Ingest.Series.SeriesOrder.Sort(context.Catalog, series);
        var isEmpty = engine.LastTimeMicros == long.MinValue;
        var columns = new BatchColumns(context.Catalog);

        // What an empty engine gets is new to it; to another it may replace what is there.
        var known = new KnownTimes(isEmpty ? long.MinValue : long.MaxValue);
        for (var at = 0; at < hours.Count; at++)
        {
            report.Do($"rebuilding from the lake: hour {at + 1} of {hours.Count}");
            foreach (var part in series.Chunk(SeriesAtOnce)) await CopyAsync(lake, part, hours[at], columns, known, cancellation);
        }

        context.Letters.Add(_unholdable);
        if (engine is IEventStore store) await CopyEventsAsync(lake, store, cancellation);
    }

    private async Task CopyEventsAsync(LakeSnapshot lake, IEventStore store, CancellationToken cancellation)
    {
        var days = lake.Files.Where(file => file.Kind == LakeFileKind.Events).Select(file => file.PartitionStart).Distinct().Order().ToList();
        for (var at = 0; at < days.Count; at++)
        {
            report.Do($"rebuilding from the lake: events of day {at + 1} of {days.Count}");
            var end = days[at] > long.MaxValue - DayMicros ? long.MaxValue : days[at] + DayMicros;
            var found = lake.ReadEvents(new EventQuery { StartMicros = days[at], EndMicros = end, Limit = int.MaxValue }, _ => false, cancellation);
            foreach (var part in found.Select(one => one.Event).Chunk(EventsAtOnce)) await FeedRun.StoreEventsAsync(store, context.Letters, part, cancellation);
        }
    }

    private async Task CopyAsync(LakeSnapshot lake, int[] series, long hour, BatchColumns columns, KnownTimes known, CancellationToken cancellation)
    {
        columns.Clear();
        var end = hour > long.MaxValue - HourMicros ? long.MaxValue : hour + HourMicros;
        foreach (var one in lake.ReadSamples(series, hour, end, cancellation))
        {
            for (var at = 0; at < one.Count; at++) Take(one, at, lake.Position, columns);
            if (columns.Taken >= options.BatchRows * 16L || columns.Bytes >= options.BatchBytes) await AddAsync(columns, lake.Position, known, cancellation);
        }

        if (columns.Taken > 0) await AddAsync(columns, lake.Position, known, cancellation);
    }

    private void Take(SeriesColumns one, int at, long lsn, BatchColumns columns)
    {
        var (time, value, quality) = (one.Times[at], one.Values[at], one.Qualities?[at] ?? 1f);
        if (time >= engine.MinTimeMicros && time <= engine.MaxTimeMicros) columns.Add(one.Series, time, value, quality);
        else if (_unholdable.Count < 100_000) _unholdable.Add(new DeadLetter(one.Series, time, value, quality, lsn, DeadLetter.UnholdableTime));
    }

    private async Task AddAsync(BatchColumns columns, long lsn, KnownTimes known, CancellationToken cancellation)
    {
        columns.Order(known);
        var batch = new LogBatch(columns, lsn, lsn);
        var began = context.Time.GetTimestamp();
        try
        {
            await engine.AddAsync(batch, cancellation);
        }
        catch (RefusedSamplesException)
        {
            var refused = new RefusedBatch(engine, batch);
            await refused.StoreAsync(cancellation);
            context.Letters.Add(refused.Letters);
        }

        report.Gauges.OnWritten(batch.SampleCount, context.Time.GetElapsedTime(began));
        columns.Clear();
    }
}
