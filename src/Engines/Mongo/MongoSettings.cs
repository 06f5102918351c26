using System.Globalization;
using System.Text.RegularExpressions;

namespace DataLayer.Engines.Mongo;

/// <summary>What an entry of kind "mongo" can say beside the common options, in <see cref="EngineOptions.Settings"/>.</summary>
internal sealed partial record MongoSettings
{
    /// <summary>"Database": the engine's own, default "datalayer".</summary>
    public string Database { get; private init; } = "datalayer";

    /// <summary>"Granularity": of the time-series collection, "seconds" (buckets of an hour at most, the default), "minutes" (a day) or "hours" (30 days): what lies between two samples of a series, about.</summary>
    public string Granularity { get; private init; } = "seconds";

    /// <summary>"EventRetention": events older than this are deleted by the server; a time span ("90.00:00:00"); default: never.</summary>
    public TimeSpan? EventRetention { get; private init; }

    public static MongoSettings Parse(IReadOnlyDictionary<string, string> settings)
    {
        var parsed = new MongoSettings();
        foreach (var (name, value) in settings)
        {
            parsed = name.ToUpperInvariant() switch
            {
                "DATABASE" when DatabaseName().IsMatch(value) => parsed with { Database = value },
                "DATABASE" => throw Bad(name, value, "1 to 63 letters, digits, '-' and '_'"),
                "GRANULARITY" when value is "seconds" or "minutes" or "hours" => parsed with { Granularity = value },
                "GRANULARITY" => throw Bad(name, value, "seconds, minutes or hours"),
                "EVENTRETENTION" when TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var span) && span > TimeSpan.Zero => parsed with { EventRetention = span },
                "EVENTRETENTION" => throw Bad(name, value, "a time span above zero, such as 90.00:00:00"),
                _ => throw new EngineException($"A mongo engine has no setting {name}. There are Database, Granularity and EventRetention.", isTransient: false),
            };
        }

        return parsed;
    }

    private static EngineException Bad(string name, string value, string allowed) => new($"The setting {name} of a mongo engine is {value}; allowed is {allowed}.", isTransient: false);

    [GeneratedRegex("^[A-Za-z0-9_-]{1,63}$")]
    private static partial Regex DatabaseName();
}
