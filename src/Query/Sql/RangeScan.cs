namespace DataLayer.Query.Sql;

/// <summary>Columns series, start, end: the stretches for which the hot side answers alone.</summary>
internal sealed class RangeScan(IEnumerable<LateRange> ranges) : NativeScan
{
    private readonly IEnumerator<LateRange> _ranges = ranges.GetEnumerator();

    public override int Fill(NativeChunk chunk)
    {
        var series = chunk.Column<int>(0);
        var starts = chunk.Column<long>(1);
        var ends = chunk.Column<long>(2);
        var rows = 0;
        while (rows < NativeChunk.Capacity && _ranges.MoveNext())
        {
            var range = _ranges.Current;
            if (!series.IsEmpty) series[rows] = range.Series;
            if (!starts.IsEmpty) starts[rows] = range.Start;
            if (!ends.IsEmpty) ends[rows] = range.End;
            rows++;
        }

        return rows;
    }

    public override void Dispose()
    {
        _ranges.Dispose();
        base.Dispose();
    }
}
