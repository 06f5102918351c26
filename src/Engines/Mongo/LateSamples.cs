using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Mongo;

/// <summary>
/// Samples that may replace stored ones. A time-series collection knows no unique index: their twins are looked for, many at a time. What is stored in the same or a later version is left
/// out; the others are inserted beside the older version, which readers pass over. Owned by one task.
/// </summary>
internal sealed class LateSamples(MongoConnection connection, MongoSeries series, MongoPosition positions, long lsn)
{
    /// <summary>Samples looked for at a time.</summary>
    private const int SamplesMax = 5_000;

    /// <summary>Ranges of time in one question: each is a walk of its own through the index.</summary>
    private const int RangesMax = 250;

    /// <summary>Late samples of a series that lie nearer together than this are asked for as one range, about a bucket of the finest granularity.</summary>
    private const long GapMicros = 3_600_000_000;

    private readonly List<(int Series, long Time, double Value, float Quality)> _samples = [];

    public bool IsFull => _samples.Count >= SamplesMax;

    public void Add(int series, long time, double value, float quality) => _samples.Add((series, time, value, quality));

    public async Task FlushAsync(CancellationToken cancellation)
    {
        if (_samples.Count == 0) return;
        var wanted = _samples.Select(sample => (series.IdOf(sample.Series), sample.Time)).ToHashSet();
        var (stored, twins) = (new HashSet<(long Id, long Time)>(), TimeRange.Empty);
        foreach (var ranges in Ranges().Chunk(RangesMax))
        {
            foreach (var twin in await FindAsync(ranges, cancellation).ConfigureAwait(false))
            {
                if (!wanted.Contains((twin.Id, twin.Micros))) continue;
                if (twin.Lsn >= lsn) stored.Add((twin.Id, twin.Micros));
                else twins = twins.With(twin.Micros);
            }
        }

        if (twins != TimeRange.Empty) await positions.ExpectTwinsAsync(twins, cancellation).ConfigureAwait(false);
        await MongoPartWriter.InsertAsync(connection, Documents(stored), cancellation).ConfigureAwait(false);
        _samples.Clear();
    }

    private RawBsonDocument[] Documents(HashSet<(long, long)> stored)
    {
        var documents = new SampleDocuments(lsn);
        var current = -1;
        foreach (var (number, time, value, quality) in _samples)
        {
            if (stored.Contains((series.IdOf(number), time))) continue;
            if (number != current) documents.Begin(series.Catalog.KeyOf(number), series.IdOf(number));
            current = number;
            documents.Add(time, value, quality);
        }

        return documents.Take();
    }

    private List<BsonDocument> Ranges()
    {
        var ranges = new List<BsonDocument>();
        for (var from = 0; from < _samples.Count;)
        {
            var to = from;
            while (to + 1 < _samples.Count && _samples[to + 1].Series == _samples[from].Series && _samples[to + 1].Time - _samples[to].Time is >= 0 and <= GapMicros) to++;
            ranges.Add(new BsonDocument("series.id", series.IdOf(_samples[from].Series)).Between(_samples[from].Time, _samples[to].Time));
            from = to + 1;
        }

        return ranges;
    }

    private async Task<List<StoredSample>> FindAsync(BsonDocument[] ranges, CancellationToken cancellation)
    {
        FilterDefinition<StoredSample> filter = ranges.Length == 1 ? ranges[0] : new BsonDocument("$or", new BsonArray(ranges));
        return await connection.Collection<StoredSample>(MongoSchema.Raw).Find(filter).Project<StoredSample>(StoredSample.KeyAndVersion).ToListAsync(cancellation).ConfigureAwait(false);
    }
}
