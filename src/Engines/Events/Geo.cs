namespace DataLayer.Engines.Events;

/// <summary>
/// Distances and boxes on a sphere of the Earth's mean radius (IUGG). The Earth is flattened: a distance is up to 0.56 % off from that along the WGS 84 ellipsoid
/// (at the equator north-south 0.56 % too long, at the poles as much too short).
/// </summary>
public static class Geo
{
    public const double EarthRadiusMetres = 6_371_008.8;

    /// <summary>The great-circle distance by the haversine formula. Degrees in, metres out.</summary>
    public static double DistanceMetres(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        var (phi1, phi2) = (double.DegreesToRadians(latitude1), double.DegreesToRadians(latitude2));
        var sinLatitude = Math.Sin((phi2 - phi1) / 2);
        var sinLongitude = Math.Sin(double.DegreesToRadians(longitude2 - longitude1) / 2);
        var haversine = (sinLatitude * sinLatitude) + (Math.Cos(phi1) * Math.Cos(phi2) * sinLongitude * sinLongitude);
        return 2 * EarthRadiusMetres * Math.Asin(Math.Min(1, Math.Sqrt(haversine)));
    }

    /// <summary>A box that has all places at most <paramref name="radians"/> from here in it, and some more.</summary>
    public static GeoBox BoxAround(double latitude, double longitude, double radians)
    {
        radians = (radians * (1 + 1e-9)) + 1e-9; // What rounding may lose.
        var degrees = double.RadiansToDegrees(radians);
        var (south, north) = (Math.Max(-90, latitude - degrees), Math.Min(90, latitude + degrees));
        if (south <= -90 || north >= 90) return new GeoBox(south, -180, north, 180); // A pole is in it: so are all longitudes.
        var width = double.RadiansToDegrees(Math.Asin(Math.Min(1, Math.Sin(radians) / Math.Cos(double.DegreesToRadians(latitude))))) + 1e-7;
        var (west, east) = (longitude - width, longitude + width);
        return west < -180 || east > 180 ? new GeoBox(south, -180, north, 180) : new GeoBox(south, west, north, east);
    }
}
