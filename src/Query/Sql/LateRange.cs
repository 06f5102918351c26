namespace DataLayer.Query.Sql;

/// <summary>A series and the times (start ≤ time &lt; end, Unix microseconds) for which the hot side answers alone, stored samples included.</summary>
internal readonly record struct LateRange(int Series, long Start, long End);
