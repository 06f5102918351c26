namespace DataLayer.Engines.Feed;

/// <summary>Pauses between tries: doubled each time up to a limit, each between a half and the whole, so that engines that failed together do not come back together.</summary>
internal static class RetryPause
{
    public static TimeSpan Of(int attempt, TimeSpan first, TimeSpan most)
    {
        var pause = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 20)), most.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(pause * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
