namespace DataLayer.Engines.Lake;

/// <summary>The minutes of each series that late samples of a flush touched in one hour partition: their rollups are made anew from raw samples.</summary>
internal sealed class LateTouches
{
    private readonly SortedDictionary<int, SortedSet<long>> _minutes = [];

    public IEnumerable<int> Series => _minutes.Keys;

    public SortedSet<long> MinutesOf(int series) => _minutes[series];

    public SortedSet<long> Add(int series, ReadOnlySpan<long> lateTimes)
    {
        if (!_minutes.TryGetValue(series, out var minutes)) _minutes[series] = minutes = [];
        foreach (var time in lateTimes) minutes.Add(LakeLayout.FloorTo(time, LakeLayout.MicrosPerMinute));
        return minutes;
    }
}
