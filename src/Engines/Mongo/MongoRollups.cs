using MongoDB.Bson;

namespace DataLayer.Engines.Mongo;

/// <summary>Rollups made by the server of the raw samples, in whole microseconds, also before 1970. NaN, and so stale markers, are left out.</summary>
/// <param name="mayHoldTwins">Two samples of one series and time may be stored: the greater version is taken first, which costs another grouping.</param>
internal sealed class MongoRollups(Resolution resolution, long startMicros, long endMicros, RollupFields fields, bool mayHoldTwins)
{
    private readonly long _width = resolution == Resolution.Minute ? 60_000_000L : 3_600_000_000L;

    public BsonDocument[] Pipeline(BsonArray ids)
    {
        // Buckets that begin in [start, end) hold the samples of [start rounded up, end rounded up).
        var (from, to) = (RoundUp(startMicros), RoundUp(endMicros));
        var match = new BsonDocument("series.id", new BsonDocument("$in", ids)).Between(from, to == long.MaxValue ? to : to - 1);
        var group = new BsonDocument { { "_id", new BsonDocument { { "series", "$series.id" }, { "start", Start } } }, { "count", new BsonDocument("$sum", 1L) } };
        if (fields.HasFlag(RollupFields.Sum)) group.Add("sum", new BsonDocument("$sum", "$value"));
        if (fields.HasFlag(RollupFields.MinMax)) group.Add("min", new BsonDocument("$min", "$value")).Add("max", new BsonDocument("$max", "$value"));
        if (fields.HasFlag(RollupFields.FirstLast)) group.Add("first", Edge(1)).Add("last", Edge(-1));
        return mayHoldTwins ? [new("$match", match), .. OneOfTwins, NotNaN, new("$group", group)] : [new("$match", match), NotNaN, new("$group", group)];
    }

    /// <summary>Sorts what the pipeline brought by series.</summary>
    public Dictionary<long, List<RollupBucket>> Group(IEnumerable<BsonDocument> documents)
    {
        var buckets = new Dictionary<long, List<RollupBucket>>();
        foreach (var document in documents)
        {
            var id = document["_id"].AsBsonDocument;
            if (!buckets.TryGetValue(id["series"].AsInt64, out var mine)) buckets.Add(id["series"].AsInt64, mine = []);
            mine.Add(BucketOf(id["start"].ToInt64(), document));
        }

        return buckets;
    }

    private static BsonDocument NotNaN => new("$match", new BsonDocument("value", new BsonDocument("$ne", double.NaN)));

    private static BsonDocument[] OneOfTwins =>
    [
        BsonDocument.Parse("""{ $group: { _id: { series: "$series.id", micros: "$micros" }, value: { $top: { sortBy: { lsn: -1 }, output: "$value" } } } }"""),
        BsonDocument.Parse("""{ $project: { _id: 0, series: { id: "$_id.series" }, micros: "$_id.micros", value: 1 } }"""),
    ];

    // $mod has the sign of the dividend; twice, with the width between, it is the distance from the start of the bucket in any case.
    private BsonDocument Start => new("$subtract", new BsonArray
    {
        "$micros",
        new BsonDocument("$mod", new BsonArray { new BsonDocument("$add", new BsonArray { new BsonDocument("$mod", new BsonArray { "$micros", _width }), _width }), _width }),
    });

    private static BsonDocument Edge(int order) => new("$top", new BsonDocument { { "sortBy", new BsonDocument("micros", order) }, { "output", new BsonArray { "$micros", "$value" } } });

    private RollupBucket BucketOf(long start, BsonDocument document)
    {
        var withEdges = fields.HasFlag(RollupFields.FirstLast);
        return new RollupBucket(
            start,
            document["count"].ToInt64(),
            Number("sum", RollupFields.Sum),
            Number("min", RollupFields.MinMax),
            Number("max", RollupFields.MinMax),
            withEdges ? document["first"][0].AsInt64 : 0,
            withEdges ? document["first"][1].AsDouble : 0,
            withEdges ? document["last"][0].AsInt64 : 0,
            withEdges ? document["last"][1].AsDouble : 0,
            null);

        double Number(string name, RollupFields field) => fields.HasFlag(field) ? document[name].AsDouble : 0;
    }

    private long RoundUp(long micros)
    {
        var into = ((micros % _width) + _width) % _width;
        if (into == 0) return micros;
        return micros > long.MaxValue - (_width - into) ? long.MaxValue : micros + (_width - into);
    }
}
