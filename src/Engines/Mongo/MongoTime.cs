using MongoDB.Bson;

namespace DataLayer.Engines.Mongo;

/// <summary>
/// BSON dates count milliseconds, samples microseconds: <c>time</c> is the sample's time rounded down, for people, buckets and TTL; <c>micros</c> is exact, and what the engine asks by.
/// </summary>
internal static class MongoTime
{
    /// <summary>2038-01-19T03:14:07Z, where the 32 bits of seconds in a bucket's own <c>_id</c> end. They begin in 1970.</summary>
    private const long BucketEndMicros = 2_147_483_647_000_000;

    public static long MillisOf(long micros) => (micros / 1000) - (micros % 1000 < 0 ? 1 : 0);

    public static BsonDateTime DateOf(long micros) => new(MillisOf(micros));

    /// <summary>Adds to a filter that the time lies between two, both included. By the date, too, which finds the buckets, but only where all of the range does: beyond it the server
    /// misses buckets (measured: engine 9.0.0-alpha0 finds no sample of the year 1 when asked for all before 1971).</summary>
    public static BsonDocument Between(this BsonDocument filter, long fromMicros, long toMicros)
    {
        if (fromMicros > long.MinValue || toMicros < long.MaxValue) filter.Add("micros", new BsonDocument { { "$gte", fromMicros }, { "$lte", toMicros } });
        if (fromMicros >= 0 && toMicros < BucketEndMicros) filter.Add("time", new BsonDocument { { "$gte", DateOf(fromMicros) }, { "$lte", DateOf(toMicros) } });
        return filter;
    }
}
