using System.Text;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Mongo;

/// <summary>The collection <c>series</c>, and the numbers of the series: eight bytes for each that was met, and a bit for each that is stored. Reads by any thread; stored by the feeder's.</summary>
internal sealed class MongoSeries(MongoConnection connection, ISeriesCatalog catalog)
{
    private readonly Lock _lock = new();

    // Owned by: _lock. 0: not met yet (or a series whose number is 0, which is then hashed each time).
    private long[] _ids = new long[1024];

    // Owned by: the feeder.
    private ulong[] _stored = new ulong[16];

    public ISeriesCatalog Catalog => catalog;

    public long IdOf(int series)
    {
        var ids = Volatile.Read(ref _ids);
        if (series < ids.Length && Volatile.Read(ref ids[series]) is var id and not 0) return id;
        id = SeriesId.Of(catalog.KeyOf(series));
        lock (_lock)
        {
            if (series >= _ids.Length) Array.Resize(ref _ids, Math.Max(series + 1, _ids.Length * 2));
            Volatile.Write(ref _ids[series], id);
        }

        return id;
    }

    public bool IsStored(int series) => series >> 6 < _stored.Length && (_stored[series >> 6] >> (series & 63) & 1) != 0;

    /// <summary>Stores series; those that are there already stay as they are.</summary>
    public async Task StoreAsync(IReadOnlyList<int> series, CancellationToken cancellation)
    {
        // 1,000 documents of a series with the largest labels are within the 48 MB of a message only when split: the driver does.
        foreach (var some in series.Chunk(1000))
        {
            try
            {
                await connection.Collection(MongoSchema.Series).InsertManyAsync(some.Select(DocumentOf), new InsertManyOptions { IsOrdered = false }, cancellation).ConfigureAwait(false);
            }
            catch (MongoBulkWriteException fault) when (MongoErrors.IsDuplicateKeys(fault))
            {
                // Stored before by this daemon or another: the number says that it is the same.
            }

            foreach (var one in some) MarkStored(one);
        }
    }

    private BsonDocument DocumentOf(int series)
    {
        var reader = new SeriesKeyReader(catalog.KeyOf(series));
        var labels = new BsonDocument();
        while (reader.TryNext(out var label, out var value)) labels.Add(Encoding.UTF8.GetString(label), Encoding.UTF8.GetString(value));
        return new BsonDocument { { "_id", IdOf(series) }, { "name", Encoding.UTF8.GetString(reader.Name) }, { "labels", labels } };
    }

    private void MarkStored(int series)
    {
        if (series >> 6 >= _stored.Length) Array.Resize(ref _stored, Math.Max((series >> 6) + 1, _stored.Length * 2));
        _stored[series >> 6] |= 1UL << (series & 63);
    }
}
