using System.Text;

namespace DataLayer.Engines.Events;

/// <summary>The conditions of a query for events, ready to be asked often. Immutable; any thread.</summary>
public sealed class EventMatch
{
    private readonly EventQuery _query;
    private readonly GeoPolygon? _within;
    private readonly byte[]? _type;
    private readonly byte[]? _source;
    private readonly GeoBox? _near;

    public EventMatch(EventQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        _query = query;
        _within = query.Within is { } corners ? new GeoPolygon(corners) : null;
        _type = query.Type is { } type ? Encoding.UTF8.GetBytes(type) : null;
        _source = query.Source is { } source ? Encoding.UTF8.GetBytes(source) : null;
        _near = query.Near is { } near ? Geo.BoxAround(near.Latitude, near.Longitude, near.MaxMetres / Geo.EarthRadiusMetres) : null;
    }

    /// <summary>Whether events of this stretch and these places (null: none has one) may match.</summary>
    public bool MayMatch(long minTime, long maxTime, GeoBox? places)
    {
        if (maxTime < _query.StartMicros || minTime >= _query.EndMicros) return false;
        if (_near is null && _within is null) return true;
        return places is not null && (_near is null || _near.Overlaps(places)) && (_within is null || _within.Box.Overlaps(places));
    }

    public bool MatchesTime(long timeMicros) => timeMicros >= _query.StartMicros && timeMicros < _query.EndMicros;

    public bool MatchesTexts(string type, string source) => (_query.Type is null || _query.Type == type) && (_query.Source is null || _query.Source == source);

    /// <summary>The same for UTF-8.</summary>
    public bool MatchesTexts(ReadOnlySpan<byte> type, ReadOnlySpan<byte> source) => (_type is null || type.SequenceEqual(_type)) && (_source is null || source.SequenceEqual(_source));

    /// <param name="distance">Metres, where a place to be near is asked for.</param>
    public bool MatchesPlace(double? latitude, double? longitude, out double? distance)
    {
        distance = null;
        if (_query.Near is null && _within is null) return true;
        if (latitude is not { } north || longitude is not { } east) return false;
        if (_query.Near is { } near)
        {
            distance = Geo.DistanceMetres(near.Latitude, near.Longitude, north, east);
            if (distance > near.MaxMetres) return false;
        }

        return _within is null || _within.Contains(north, east);
    }
}
