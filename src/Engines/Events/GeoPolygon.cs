namespace DataLayer.Engines.Events;

/// <summary>
/// A polygon on the sphere, its edges great circles; of the two sides that its border has, the smaller is inside. Corners and border belong to it, up to rounding (1e-9 degrees).
/// Immutable; any thread.
/// </summary>
public sealed class GeoPolygon
{
    private const double OnBorder = 1e-14;

    private readonly SpherePoint[] _corners;
    private readonly double _orientation;

    /// <param name="corners">Three at least, in order; the last is joined to the first.</param>
    public GeoPolygon(IReadOnlyList<(double Latitude, double Longitude)> corners)
    {
        ArgumentNullException.ThrowIfNull(corners);
        ArgumentOutOfRangeException.ThrowIfLessThan(corners.Count, 3, nameof(corners));
        _corners = [.. corners.Select(corner => SpherePoint.Of(corner.Latitude, corner.Longitude))];
        _orientation = Math.Sign(SignedArea(_corners));
        Box = BoxOf(_corners);
    }

    /// <summary>Has all of the polygon in it.</summary>
    public GeoBox Box { get; }

    /// <summary>
    /// Whether a place is inside: the angles under which the edges are seen from it add up to a whole turn, in the direction of the border. (From the place opposite
    /// on the globe they do so in the other direction.)
    /// </summary>
    public bool Contains(double latitude, double longitude)
    {
        var place = SpherePoint.Of(latitude, longitude);
        var turn = 0d;
        for (var at = 0; at < _corners.Length; at++)
        {
            var (from, to) = (_corners[at], _corners[(at + 1) % _corners.Length]);
            var (a, b) = (from.Plus(place, -from.Dot(place)), to.Plus(place, -to.Dot(place)));
            var sine = place.Dot(a.Cross(b));
            var cosine = a.Dot(b);
            if (Math.Abs(sine) <= OnBorder && cosine <= OnBorder && IsBetween(place, from, to)) return true;
            turn += Math.Atan2(sine, cosine);
        }

        return turn * _orientation > Math.PI;
    }

    private static bool IsBetween(in SpherePoint place, in SpherePoint from, in SpherePoint to) =>
        place.AngleTo(from) + place.AngleTo(to) <= from.AngleTo(to) + 1e-10;

    /// <summary>The sum of the triangles from the first corner (Eriksson 1990): positive where the border runs counter-clockwise seen from above.</summary>
    private static double SignedArea(SpherePoint[] corners)
    {
        var area = 0d;
        for (var at = 1; at + 1 < corners.Length; at++)
        {
            var (a, b, c) = (corners[0], corners[at], corners[at + 1]);
            area += 2 * Math.Atan2(a.Dot(b.Cross(c)), 1 + a.Dot(b) + b.Dot(c) + c.Dot(a));
        }

        // Past half of the sphere the other side is the smaller one.
        return Math.IEEERemainder(area, 4 * Math.PI);
    }

    /// <summary>A cap around the corners: one of less than a quarter turn has the arcs between its places in it.</summary>
    private static GeoBox BoxOf(SpherePoint[] corners)
    {
        var sum = default(SpherePoint);
        foreach (var corner in corners) sum = sum.Plus(corner);
        if (sum.Length < 1e-9) return new GeoBox(-90, -180, 90, 180);
        var middle = SpherePoint.Of(sum.Latitude, sum.Longitude);
        var radius = corners.Max(corner => middle.AngleTo(corner));
        return radius >= Math.PI / 2 ? new GeoBox(-90, -180, 90, 180) : Geo.BoxAround(sum.Latitude, sum.Longitude, radius);
    }
}
