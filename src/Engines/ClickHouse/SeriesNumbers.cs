using DataLayer.Ingest.Series;

namespace DataLayer.Engines.ClickHouse;

/// <summary>
/// Remembers each series' <see cref="SeriesId"/>, as a hash for every series of every batch would cost more than its samples: 8 bytes a series. Safe from any thread.
/// </summary>
internal sealed class SeriesNumbers(ISeriesCatalog catalog)
{
    private readonly Lock _growing = new();
    private long[] _ids = [];

    public long Of(int series)
    {
        var ids = Volatile.Read(ref _ids);
        if (series < ids.Length && Volatile.Read(ref ids[series]) is > 0 and var id) return id - 1;
        return OfSlow(series);
    }

    // 0 says unknown, so a number lies here plus one; the greatest is long.MaxValue, which no one will meet, and is computed each time.
    private long OfSlow(int series)
    {
        var id = SeriesId.Of(catalog.KeyOf(series));
        if (id == long.MaxValue) return id;
        lock (_growing)
        {
            if (series >= _ids.Length)
            {
                var grown = new long[Math.Max(Math.Max(1024, series + 1), Math.Max(catalog.Count, _ids.Length * 2))];
                _ids.CopyTo(grown, 0);
                Volatile.Write(ref _ids, grown); // Read by Of.
            }

            _ids[series] = id + 1;
        }

        return id;
    }
}
