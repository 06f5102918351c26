using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace DataLayer.Engines.Mongo;

/// <summary>The views for people: samples, and rollups made of them when asked. Their text is schema: a change is a new version.</summary>
internal static class MongoViews
{
    private const string Samples = """
        [{ $project: { _id: 0, name: "$series.name", labels: "$series.labels", time: 1, micros: 1, value: 1, quality: { $ifNull: ["$quality", 1.0] }, series: "$series.id" } }]
        """;

    public static IReadOnlyList<(string Name, BsonArray Pipeline)> All { get; } =
    [
        ("samples", BsonSerializer.Deserialize<BsonArray>(Samples)),
        ("rollup_1m", BsonSerializer.Deserialize<BsonArray>(Rollup("minute"))),
        ("rollup_1h", BsonSerializer.Deserialize<BsonArray>(Rollup("hour"))),
    ];

    // Twins, which two daemons or a write that failed half way may leave, are taken out first: of each series and time the version of the greatest lsn counts.
    private static string Rollup(string unit) => $$"""
        [{ $match: { value: { $ne: NaN } } },
         { $group: { _id: { series: "$series", micros: "$micros" }, time: { $first: "$time" }, value: { $top: { sortBy: { lsn: -1 }, output: "$value" } } } },
         { $group: { _id: { series: "$_id.series", start: { $dateTrunc: { date: "$time", unit: "{{unit}}" } } }, count: { $sum: 1 }, sum: { $sum: "$value" }, min: { $min: "$value" }, max: { $max: "$value" },
                     first: { $top: { sortBy: { "_id.micros": 1 }, output: "$value" } }, last: { $top: { sortBy: { "_id.micros": -1 }, output: "$value" } } } },
         { $project: { _id: 0, name: "$_id.series.name", labels: "$_id.series.labels", series: "$_id.series.id", start: "$_id.start", count: 1, sum: 1, min: 1, max: 1, avg: { $divide: ["$sum", "$count"] }, first: 1, last: 1 } }]
        """;
}
