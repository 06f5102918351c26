using System.Globalization;
using DataLayer.Query;
using DataLayer.Query.Samples;
using DataLayer.Query.SeriesList;

namespace DataLayer.Daemon.Http;

/// <summary>Reads queries from a request's parameters: <c>name, label.KEY, start, end, limit, step, agg, by, top, format</c>. Throws <see cref="QueryException"/>.</summary>
internal static class QueryParameters
{
    private const string LabelPrefix = "label.";
    private const int MaxLimit = 10_000_000;

    public static SamplesQuery Samples(IQueryCollection parameters, DateTimeOffset now)
    {
        Allow(parameters, "name", "start", "end", "limit", "step", "agg", "by", "top", "format", "engine");
        var start = TimeExpression.Parse(Text(parameters, "start") ?? "-1h", now, "start");

        // Without an end a query is meant to see all there is: samples may be a little ahead of this clock.
        var end = Text(parameters, "end") is { } text ? TimeExpression.Parse(text, now, "end") : Math.Max(start, TimeExpression.ToMicros(now)) + 3_600_000_001;
        if (end < start) throw QueryException.BadRequest($"end: {Text(parameters, "end")} is before start");
        return new SamplesQuery
        {
            Name = Text(parameters, "name"),
            Labels = Labels(parameters),
            StartMicros = start,
            EndMicros = end,
            Limit = Limit(parameters),
            StepMicros = Text(parameters, "step") is { } step ? TimeExpression.ParseDuration(step, "step") : null,
            Aggregation = Text(parameters, "agg") is { } agg ? Aggregation.Parse(agg) : null,
            By = parameters.ContainsKey("by") ? (Text(parameters, "by") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : null,
            Top = Text(parameters, "top") is { } top ? Number("top", top) : null,
            Engine = Text(parameters, "engine"),
        };
    }

    public static LatestQuery Latest(IQueryCollection parameters)
    {
        Allow(parameters, "name", "limit", "format", "engine");
        return new LatestQuery { Name = Text(parameters, "name"), Labels = Labels(parameters), Limit = Limit(parameters), Engine = Text(parameters, "engine") };
    }

    public static SeriesQuery Series(IQueryCollection parameters)
    {
        Allow(parameters, "name", "limit", "format");
        return new SeriesQuery { Name = Text(parameters, "name"), Labels = Labels(parameters), Limit = Limit(parameters) };
    }

    /// <summary>The answer's format: <c>format=</c> wins over Accept; JSON unless CSV is asked for.</summary>
    public static ResultFormat Format(HttpRequest request) => Text(request.Query, "format") switch
    {
        "csv" => ResultFormat.Csv,
        "json" => ResultFormat.Json,
        null => request.Headers.Accept.ToString().Contains("text/csv", StringComparison.OrdinalIgnoreCase) ? ResultFormat.Csv : ResultFormat.Json,
        var other => throw QueryException.BadRequest($"format: '{other}' is not known; use json or csv"),
    };

    public static string? Text(IQueryCollection parameters, string key)
    {
        if (!parameters.TryGetValue(key, out var values) || values.Count == 0) return null;
        if (values.Count > 1) throw QueryException.BadRequest($"{key}: given {values.Count} times; give it once");
        return string.IsNullOrEmpty(values[0]) ? null : values[0];
    }

    public static List<KeyValuePair<string, string>> Labels(IQueryCollection parameters)
    {
        var labels = new List<KeyValuePair<string, string>>();
        foreach (var (key, values) in parameters)
        {
            if (!key.StartsWith(LabelPrefix, StringComparison.Ordinal)) continue;
            if (key.Length == LabelPrefix.Length) throw QueryException.BadRequest("label.: the label's name is missing; write label.KEY=VALUE");
            if (values.Count > 1) throw QueryException.BadRequest($"{key}: given {values.Count} times; a series has one value of a label");
            labels.Add(new(key[LabelPrefix.Length..], values[0] ?? ""));
        }

        return labels;
    }

    /// <summary>A misspelt parameter would otherwise silently widen the query.</summary>
    public static void Allow(IQueryCollection parameters, params ReadOnlySpan<string> known)
    {
        foreach (var (key, _) in parameters)
        {
            if (key.StartsWith(LabelPrefix, StringComparison.Ordinal) || known.Contains(key)) continue;
            throw QueryException.BadRequest($"{key}: no such parameter; there are {string.Join(", ", known!)}, label.KEY");
        }
    }

    public static int Limit(IQueryCollection parameters, int byDefault = SamplesQuery.DefaultLimit) =>
        Text(parameters, "limit") is { } text ? Number("limit", text) : byDefault;

    private static int Number(string key, string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= MaxLimit) return number;
        throw QueryException.BadRequest($"{key}: '{text}' is not a number from 1 to {MaxLimit}");
    }
}
