namespace DataLayer.Engines.Lake;

/// <summary>What one row group of a file may hold, kept in memory so that reading skips the others.</summary>
internal readonly record struct RowGroupStats(int Rows, int MinMetric, int MaxMetric, int MinSeries, int MaxSeries, long MinTime, long MaxTime)
{
    public bool OverlapsTime(long startMicros, long endMicros) => MaxTime >= startMicros && MinTime < endMicros;
}
