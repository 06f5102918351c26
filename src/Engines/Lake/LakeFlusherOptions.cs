namespace DataLayer.Engines.Lake;

/// <summary>When the hot store goes to the lake.</summary>
public sealed class LakeFlusherOptions
{
    /// <summary>At the latest so long after the last flush. Longer: fewer and larger files, more memory and a longer replay after a crash.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Or when so many samples are in the active generation: 16 M take about 130 MB when they do not compress.</summary>
    public long FlushSamples { get; init; } = 16_000_000;

    /// <summary>How often the number of samples is looked at.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The first pause after a failed write; doubled each time, with jitter, up to <see cref="RetryPauseMax"/>.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan RetryPauseMax { get; init; } = TimeSpan.FromSeconds(30);
}
