using DataLayer.Ingest.Records;
using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Mongo;

/// <summary>Reads of the engine as it is: what is written meanwhile may be seen in part, each sample whole.</summary>
internal sealed class MongoSnapshot : IEngineSnapshot
{
    private readonly MongoConnection _connection;
    private readonly MongoSeries _series;
    private readonly PositionState[] _states;

    public MongoSnapshot(MongoConnection connection, MongoSeries series, MongoPosition positions, string source, long rawFromMicros)
    {
        (_connection, _series, RawFromMicros) = (connection, series, rawFromMicros);
        _states = connection.Errors.Run("read", () => positions.ReadAll(CancellationToken.None));
        Position = _states.FirstOrDefault(state => state.Source == source)?.Position ?? 0;
    }

    public long Position { get; }

    public long RawFromMicros { get; }

    public IEnumerable<SeriesColumns> ReadSamples(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
    {
        if (startMicros >= endMicros) yield break;
        var columns = new SeriesColumns();
        var chunk = new SampleChunk();
        foreach (var some in chunk.Cut(series))
        {
            _connection.Errors.Run("read", () => chunk.Fill(Find(some, startMicros, endMicros, cancellation)));
            foreach (var number in some)
            {
                columns.Series = number;
                if (chunk.TryTake(_series.IdOf(number), columns)) yield return columns;
            }
        }
    }

    public IEnumerable<RollupColumns> ReadRollups(Resolution resolution, int[] series, long startMicros, long endMicros, RollupFields fields, CancellationToken cancellation)
    {
        if (startMicros >= endMicros) yield break;
        var rollups = new MongoRollups(resolution, startMicros, endMicros, fields, MayHoldTwins(startMicros, endMicros));
        var columns = new RollupColumns();
        foreach (var some in series.Chunk(200))
        {
            var ids = new BsonArray(some.Select(number => _series.IdOf(number)));
            var buckets = _connection.Errors.Run("read", () => rollups.Group(_connection.Collection(MongoSchema.Raw).Aggregate<BsonDocument>(
                rollups.Pipeline(ids), new AggregateOptions { AllowDiskUse = true }, cancellation).ToEnumerable(cancellation)));
            foreach (var number in some)
            {
                if (!buckets.TryGetValue(_series.IdOf(number), out var rows)) continue;
                rows.Sort((one, other) => one.Start.CompareTo(other.Start));
                columns.Series = number;
                columns.Slices.Clear();
                columns.Slices.Add(new RollupSlice(RollupRows.Of(rows), 0, rows.Count));
                yield return columns;
            }
        }
    }

    public bool TryLatest(int series, out long timeMicros, out double value)
    {
        var id = _series.IdOf(series);
        var found = _connection.Errors.Run("read", () => Latest(id));
        (timeMicros, value) = found is { } sample ? (sample.Micros, sample.Value) : (0, 0);
        return found is not null;
    }

    public void Dispose()
    {
    }

    /// <summary>Two sources may be sent the same; one leaves twins where it says so. The range is widened by an hour at the end, as the last bucket is.</summary>
    private bool MayHoldTwins(long start, long end) => _states.Length > 1 || _states.Any(state => state.Twins.Overlaps(start, Math.Min(end, long.MaxValue - 3_600_000_000) + 3_600_000_000));

    private StoredSample? Latest(long id)
    {
        // The index knows the greatest millisecond; of those in it the greatest microsecond counts.
        var samples = _connection.Collection<StoredSample>(MongoSchema.Raw);
        var newest = samples.Find(new BsonDocument("series.id", id)).Sort(new BsonDocument("time", -1)).Limit(1).Project<StoredSample>(StoredSample.All).ToList();
        if (newest.Count == 0) return null;
        var first = MongoTime.MillisOf(newest[0].Micros) * 1000;
        var inMillisecond = samples.Find(new BsonDocument("series.id", id).Between(Math.Min(newest[0].Micros, first), first > long.MaxValue - 999 ? long.MaxValue : first + 999)).Project<StoredSample>(StoredSample.All).ToList();
        return inMillisecond.Aggregate(newest[0], (one, other) => other.Micros > one.Micros || (other.Micros == one.Micros && other.Lsn > one.Lsn) ? other : one);
    }

    private IEnumerable<StoredSample> Find(int[] series, long start, long end, CancellationToken cancellation)
    {
        var id = series.Length == 1 ? (BsonValue)_series.IdOf(series[0]) : new BsonDocument("$in", new BsonArray(series.Select(number => _series.IdOf(number))));
        return _connection.Collection<StoredSample>(MongoSchema.Raw)
            .Find(new BsonDocument("series.id", id).Between(start, end - 1), new FindOptions { BatchSize = 20_000 })
            .Project<StoredSample>(StoredSample.All).ToEnumerable(cancellation);
    }
}
