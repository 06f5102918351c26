using DataLayer.Engines.Events;

namespace DataLayer.Engines.Tests.Events;

public sealed class GeoTests
{
    [Theory]
    [InlineData(52.5200, 13.4050, 48.8566, 2.3522, 877_463)] // Berlin to Paris.
    [InlineData(-33.8688, 151.2093, 51.5074, -0.1278, 16_993_934)] // Sydney to London.
    [InlineData(0, 179.9, 0, -179.9, 22_239)] // Across the 180th meridian.
    [InlineData(90, 0, -90, 120, 20_015_115)] // Pole to pole.
    [InlineData(10, 20, 10, 20, 0)]
    public void DistanceMetres_knownPlaces_isTheGreatCircle(double latitude1, double longitude1, double latitude2, double longitude2, double expected) =>
        Assert.Equal(expected, Geo.DistanceMetres(latitude1, longitude1, latitude2, longitude2), expected * 0.0001 + 0.001);

    [Fact]
    public void Contains_square_isInsideAndOutside()
    {
        var square = new GeoPolygon([(10, 10), (10, 20), (20, 20), (20, 10)]);
        Assert.True(square.Contains(15, 15));
        Assert.True(square.Contains(10, 10));
        Assert.True(square.Contains(15, 10));
        Assert.False(square.Contains(15, 9.999));
        Assert.False(square.Contains(-15, -165)); // Opposite on the globe.
        Assert.False(square.Contains(25, 15));
        Assert.True(square.Contains(20.05, 15)); // The edge is a great circle: north of the parallel.
    }

    [Fact]
    public void Contains_eitherDirection_isTheSame()
    {
        (double, double)[] corners = [(1, 1), (2, 8), (5, 3), (9, 9), (8, 0)];
        var (one, other) = (new GeoPolygon(corners), new GeoPolygon([.. corners.Reverse()]));
        var random = new Random(5);
        var inside = 0;
        for (var i = 0; i < 2000; i++)
        {
            var (latitude, longitude) = (random.NextDouble() * 12, random.NextDouble() * 12);
            Assert.Equal(one.Contains(latitude, longitude), other.Contains(latitude, longitude));
            Assert.Equal(Planar(corners, latitude, longitude), one.Contains(latitude, longitude), AlmostOnTheBorder(corners, latitude, longitude));
            if (one.Contains(latitude, longitude)) inside++;
        }

        Assert.InRange(inside, 300, 1700);
    }

    [Theory]
    [InlineData(-17, 179, true)]
    [InlineData(-17, -179, true)]
    [InlineData(-17, 170, false)]
    [InlineData(-17, 0, false)]
    public void Contains_acrossThe180thMeridian(double latitude, double longitude, bool expected) =>
        Assert.Equal(expected, new GeoPolygon([(-20, 175), (-20, -175), (-14, -175), (-14, 175)]).Contains(latitude, longitude));

    [Theory]
    [InlineData(89, 45, true)]
    [InlineData(90, 0, true)]
    [InlineData(60, 45, false)]
    [InlineData(-89, 45, false)]
    public void Contains_aroundThePole(double latitude, double longitude, bool expected) =>
        Assert.Equal(expected, new GeoPolygon([(80, 0), (80, 90), (80, 180), (80, -90)]).Contains(latitude, longitude));

    [Fact]
    public void Box_ofAnything_hasEachMatchInIt()
    {
        var random = new Random(9);
        for (var i = 0; i < 5000; i++)
        {
            var (latitude, longitude) = ((random.NextDouble() * 180) - 90, (random.NextDouble() * 360) - 180);
            var (northOf, eastOf) = (Math.Clamp(latitude + random.NextDouble() - 0.5, -90, 90), Math.Clamp(longitude + random.NextDouble() - 0.5, -180, 180));
            var distance = Geo.DistanceMetres(latitude, longitude, northOf, eastOf);
            Assert.True(Geo.BoxAround(latitude, longitude, distance / Geo.EarthRadiusMetres).Overlaps(new GeoBox(northOf, eastOf, northOf, eastOf)), $"{latitude} {longitude} {northOf} {eastOf}");
            var polygon = new GeoPolygon([(latitude, longitude), (northOf, longitude), (northOf, eastOf)]);
            var middle = (Latitude: (latitude + northOf + northOf) / 3, Longitude: (longitude + longitude + eastOf) / 3);
            if (polygon.Contains(middle.Latitude, middle.Longitude)) Assert.True(polygon.Box.Overlaps(new GeoBox(middle.Latitude, middle.Longitude, middle.Latitude, middle.Longitude)));
        }
    }

    // Great circles and straight lines differ by less than a tenth of a degree in this small polygon near the equator.
    private static EqualityComparer<bool> AlmostOnTheBorder((double Latitude, double Longitude)[] corners, double latitude, double longitude)
    {
        var near = new[] { (0.1, 0.0), (-0.1, 0.0), (0.0, 0.1), (0.0, -0.1) }.Any(step => Planar(corners, latitude + step.Item1, longitude + step.Item2) != Planar(corners, latitude, longitude));
        return EqualityComparer<bool>.Create((one, other) => one == other || near);
    }

    private static bool Planar((double Latitude, double Longitude)[] corners, double latitude, double longitude)
    {
        var inside = false;
        for (var (at, before) = (0, corners.Length - 1); at < corners.Length; before = at++)
        {
            var ((y1, x1), (y2, x2)) = (corners[at], corners[before]);
            if (y1 > latitude != y2 > latitude && longitude < ((x2 - x1) * (latitude - y1) / (y2 - y1)) + x1) inside = !inside;
        }

        return inside;
    }
}
