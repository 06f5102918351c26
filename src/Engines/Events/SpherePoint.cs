namespace DataLayer.Engines.Events;

/// <summary>A direction from the middle of a sphere: a place on it. Length 1.</summary>
internal readonly record struct SpherePoint(double X, double Y, double Z)
{
    public static SpherePoint Of(double latitude, double longitude)
    {
        var (sinLatitude, cosLatitude) = Math.SinCos(double.DegreesToRadians(latitude));
        var (sinLongitude, cosLongitude) = Math.SinCos(double.DegreesToRadians(longitude));
        return new SpherePoint(cosLatitude * cosLongitude, cosLatitude * sinLongitude, sinLatitude);
    }

    public double Latitude => double.RadiansToDegrees(Math.Atan2(Z, Math.Sqrt((X * X) + (Y * Y))));

    public double Longitude => double.RadiansToDegrees(Math.Atan2(Y, X));

    public double Length => Math.Sqrt(Dot(this));

    public double Dot(in SpherePoint other) => (X * other.X) + (Y * other.Y) + (Z * other.Z);

    public SpherePoint Cross(in SpherePoint other) =>
        new((Y * other.Z) - (Z * other.Y), (Z * other.X) - (X * other.Z), (X * other.Y) - (Y * other.X));

    public SpherePoint Plus(in SpherePoint other, double factor = 1) => new(X + (factor * other.X), Y + (factor * other.Y), Z + (factor * other.Z));

    /// <summary>In radians, exact for small and great angles alike.</summary>
    public double AngleTo(in SpherePoint other) => Math.Atan2(Cross(other).Length, Dot(other));
}
