using DataLayer.Ingest.Records;
using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Mongo;

/// <summary>Writes one part of a batch: what is new is inserted, what is late looks for its twins first. Owned by one task.</summary>
/// <param name="isAllLate">The store may hold any sample of the batch already.</param>
internal sealed class MongoPartWriter(MongoConnection connection, MongoSeries series, MongoPosition positions, long lsn, bool isAllLate)
{
    /// <summary>A message to the server has 48 MB at most; four writers have one each.</summary>
    private const int BytesMax = 8 << 20;

    /// <summary>The server takes 100,000 documents of a message; fewer begin sooner, and a bucket's work is done once for its part of a message, so that more are cheaper.</summary>
    private const int DocumentsMax = 50_000;

    private readonly SampleDocuments _fresh = new(lsn);
    private readonly LateSamples _late = new(connection, series, positions, lsn);

    public async Task WriteAsync(ISampleSource part, CancellationToken cancellation)
    {
        var columns = new SeriesColumns();
        while (part.TryNext(columns))
        {
            var newFrom = isAllLate ? columns.Count : FirstAfter(columns);
            if (newFrom > 0) await AddLateAsync(columns, newFrom, cancellation).ConfigureAwait(false);
            if (newFrom == columns.Count) continue;
            _fresh.Begin(series.Catalog.KeyOf(columns.Series), series.IdOf(columns.Series));
            for (var at = newFrom; at < columns.Count; at++)
            {
                _fresh.Add(columns.Times[at], columns.Values[at], columns.Qualities?[at] ?? 1f);
                if (_fresh.LengthBytes >= BytesMax || _fresh.Count >= DocumentsMax) await InsertAsync(_fresh.Take(), cancellation).ConfigureAwait(false);
            }
        }

        await _late.FlushAsync(cancellation).ConfigureAwait(false);
        await InsertAsync(_fresh.Take(), cancellation).ConfigureAwait(false);
    }

    private async Task AddLateAsync(SeriesColumns columns, int count, CancellationToken cancellation)
    {
        for (var at = 0; at < count; at++)
        {
            _late.Add(columns.Series, columns.Times[at], columns.Values[at], columns.Qualities?[at] ?? 1f);
            if (_late.IsFull) await _late.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    private Task InsertAsync(RawBsonDocument[] documents, CancellationToken cancellation) => InsertAsync(connection, documents, cancellation);

    internal static Task InsertAsync(MongoConnection connection, RawBsonDocument[] documents, CancellationToken cancellation) => documents.Length == 0
        ? Task.CompletedTask
        : connection.Collection<RawBsonDocument>(MongoSchema.Raw).InsertManyAsync(documents, new InsertManyOptions { IsOrdered = false }, cancellation);

    private static int FirstAfter(SeriesColumns columns)
    {
        var at = columns.Times.AsSpan(0, columns.Count).BinarySearch(columns.BaseTime);
        return at < 0 ? ~at : at + 1;
    }
}
