namespace DataLayer.Engines.Feed;

/// <summary>Per series, up to which time an engine may hold samples. Owned by one feeder.</summary>
/// <param name="floor">What counts for series that no batch has held yet: the greatest time of any sample in the engine when it was opened, Unix microseconds.</param>
internal sealed class KnownTimes(long floor)
{
    private long[] _times = [];

    public long Of(int series) => series < _times.Length ? _times[series] : floor;

    public void Learn(int series, long time)
    {
        if (series >= _times.Length)
        {
            var known = _times.Length;
            Array.Resize(ref _times, Math.Max(series + 1, Math.Max(1024, known * 2)));
            Array.Fill(_times, floor, known, _times.Length - known);
        }

        if (time > _times[series]) _times[series] = time;
    }
}
