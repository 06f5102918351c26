namespace DataLayer.Engines.Events;

/// <summary>A range of latitudes and one of longitudes, in degrees. Never across the 180th meridian: what lies on both sides has all longitudes.</summary>
public sealed record GeoBox(double MinLatitude, double MinLongitude, double MaxLatitude, double MaxLongitude)
{
    public bool Overlaps(GeoBox other) =>
        MinLatitude <= other.MaxLatitude && MaxLatitude >= other.MinLatitude && MinLongitude <= other.MaxLongitude && MaxLongitude >= other.MinLongitude;

    /// <summary>The box with this place in it; <paramref name="box"/> null: of nothing.</summary>
    public static GeoBox Around(GeoBox? box, double latitude, double longitude) => box is null
        ? new GeoBox(latitude, longitude, latitude, longitude)
        : new GeoBox(Math.Min(box.MinLatitude, latitude), Math.Min(box.MinLongitude, longitude), Math.Max(box.MaxLatitude, latitude), Math.Max(box.MaxLongitude, longitude));
}
