using System.Globalization;
using DataLayer.Engines;
using DataLayer.Query;

namespace DataLayer.Daemon.Http;

/// <summary>Reads a query for events: <c>start, end, type, source, near, within, limit, engine</c>. Throws <see cref="QueryException"/>.</summary>
internal static class EventParameters
{
    private const int DefaultLimit = 1000;
    private const int MaxCorners = 10_000;

    /// <summary>Half of the Earth's girth: as far as a place can be.</summary>
    private const double MaxMetres = 20_037_509;

    public static EventQuery Query(IQueryCollection parameters, DateTimeOffset now)
    {
        Allow(parameters);
        var start = TimeExpression.Parse(QueryParameters.Text(parameters, "start") ?? "-1d", now, "start");
        var end = QueryParameters.Text(parameters, "end") is { } text ? TimeExpression.Parse(text, now, "end") : Math.Max(start, TimeExpression.ToMicros(now)) + 3_600_000_001;
        if (end < start) throw QueryException.BadRequest($"end: {QueryParameters.Text(parameters, "end")} is before start");
        return new EventQuery
        {
            StartMicros = start,
            EndMicros = end,
            Type = QueryParameters.Text(parameters, "type"),
            Source = QueryParameters.Text(parameters, "source"),
            Near = QueryParameters.Text(parameters, "near") is { } near ? Near(near) : null,
            Within = QueryParameters.Text(parameters, "within") is { } within ? Within(within) : null,
            Limit = QueryParameters.Limit(parameters, DefaultLimit),
        };
    }

    private static void Allow(IQueryCollection parameters)
    {
        string[] known = ["start", "end", "type", "source", "near", "within", "limit", "engine"];
        foreach (var (key, _) in parameters)
        {
            if (!known.Contains(key)) throw QueryException.BadRequest($"{key}: no such parameter; there are {string.Join(", ", known)}");
        }
    }

    private static (double Latitude, double Longitude, double MaxMetres) Near(string text)
    {
        if (TryNumbers(text, 3, out var numbers) && IsPlace(numbers) && numbers[2] is >= 0 and <= MaxMetres) return (numbers[0], numbers[1], numbers[2]);
        throw QueryException.BadRequest($"near: '{text}' is not LATITUDE,LONGITUDE,METRES; write 52.52,13.40,1000");
    }

    private static List<(double Latitude, double Longitude)> Within(string text)
    {
        var corners = new List<(double Latitude, double Longitude)>();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (corners.Count == MaxCorners) throw QueryException.BadRequest($"within: a polygon has {MaxCorners} corners at most");
            if (!TryNumbers(part, 2, out var numbers) || !IsPlace(numbers)) throw QueryException.BadRequest($"within: '{part}' is not LATITUDE,LONGITUDE; write 52,13;52,14;53,14");
            corners.Add((numbers[0], numbers[1]));
        }

        return corners.Count >= 3 ? corners : throw QueryException.BadRequest("within: a polygon has three corners at least; write 52,13;52,14;53,14");
    }

    private static bool IsPlace(double[] numbers) => numbers[0] is >= -90 and <= 90 && numbers[1] is >= -180 and <= 180;

    private static bool TryNumbers(string text, int count, out double[] numbers)
    {
        var parts = text.Split(',');
        numbers = new double[count];
        if (parts.Length != count) return false;
        for (var at = 0; at < count; at++)
        {
            if (!double.TryParse(parts[at], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[at])) return false;
        }

        return true;
    }
}
