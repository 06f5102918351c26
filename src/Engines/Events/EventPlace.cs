using DataLayer.Protocol;

namespace DataLayer.Engines.Events;

/// <summary>Where an event happened, if its document says so.</summary>
public static class EventPlace
{
    /// <summary>
    /// The numbers under <c>lat</c> or <c>latitude</c> and under <c>lon</c>, <c>lng</c> or <c>longitude</c> at the top of the document, in degrees; of several the first.
    /// False where one is missing, or no place on Earth.
    /// </summary>
    public static bool TryFind(ReadOnlySpan<byte> document, out double latitude, out double longitude)
    {
        (latitude, longitude) = (double.NaN, double.NaN);
        var reader = new MsgPackReader(document);
        if (!reader.TryReadMapHeader(out var pairs)) return false;
        for (; pairs > 0; pairs--)
        {
            if (!reader.TryReadString(out var key))
            {
                if (!reader.TrySkip() || !reader.TrySkip()) return false;
                continue;
            }

            var isLatitude = key.SequenceEqual("lat"u8) || key.SequenceEqual("latitude"u8);
            var isLongitude = key.SequenceEqual("lon"u8) || key.SequenceEqual("lng"u8) || key.SequenceEqual("longitude"u8);
            if (!(isLatitude || isLongitude) || !reader.TryReadDouble(out var degrees))
            {
                if (!reader.TrySkip()) return false;
                continue;
            }

            if (isLatitude && double.IsNaN(latitude)) latitude = degrees;
            if (isLongitude && double.IsNaN(longitude)) longitude = degrees;
        }

        return latitude is >= -90 and <= 90 && longitude is >= -180 and <= 180;
    }
}
