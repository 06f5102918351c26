using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace DataLayer.Engines.Mongo;

/// <summary>The views for people: samples, and rollups made of them when asked. Their text is schema: a change is a new version.</summary>
internal static class MongoViews
{
    // Twins, which two daemons or a write that failed half way may leave, are taken out: of each series and time the version of the greatest lsn counts. A condition on the time reaches
    // the buckets, as the time is a part of what is grouped by (explain shows it); one on name and labels is checked afterwards.
    private const string OneOfTwins = """
        { $group: { _id: { id: "$series.id", name: "$series.name", labels: "$series.labels", time: "$time", micros: "$micros" },
                    last: { $top: { sortBy: { lsn: -1 }, output: ["$value", { $ifNull: ["$quality", 1.0] }] } } } },
        { $project: { _id: 0, series: "$_id.id", name: "$_id.name", labels: "$_id.labels", time: "$_id.time", micros: "$_id.micros",
                      value: { $arrayElemAt: ["$last", 0] }, quality: { $arrayElemAt: ["$last", 1] } } }
        """;

    public static IReadOnlyList<(string Name, BsonArray Pipeline)> All { get; } =
    [
        ("samples", BsonSerializer.Deserialize<BsonArray>($"[{OneOfTwins}]")),
        ("rollup_1m", BsonSerializer.Deserialize<BsonArray>(Rollup("minute"))),
        ("rollup_1h", BsonSerializer.Deserialize<BsonArray>(Rollup("hour"))),
    ];

    private static string Rollup(string unit) => $$"""
        [{{OneOfTwins}},
         { $match: { value: { $ne: NaN } } },
         { $group: { _id: { series: "$series", name: "$name", labels: "$labels", start: { $dateTrunc: { date: "$time", unit: "{{unit}}" } } },
                     count: { $sum: 1 }, sum: { $sum: "$value" }, min: { $min: "$value" }, max: { $max: "$value" },
                     first: { $top: { sortBy: { micros: 1 }, output: "$value" } }, last: { $top: { sortBy: { micros: -1 }, output: "$value" } } } },
         { $project: { _id: 0, series: "$_id.series", name: "$_id.name", labels: "$_id.labels", start: "$_id.start", count: 1, sum: 1, min: 1, max: 1, avg: { $divide: ["$sum", "$count"] }, first: 1, last: 1 } }]
        """;
}
