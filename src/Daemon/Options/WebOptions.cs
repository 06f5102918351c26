namespace DataLayer.Daemon.Options;

/// <summary>HTTP.</summary>
public sealed class WebOptions
{
    [Option("HTTP connections at once.", Min = "1", Max = "1000000")]
    public int MaxConnections { get; set; } = 10_000;

    [Option("The longest body of one write; longer bodies get 413.", IsBytes = true, Min = "1 KiB", Max = "16 GiB")]
    public long MaxWriteBytes { get; set; } = 1L << 30;

    [Option("Live tails at once; more get 503.", Min = "0", Max = "10000")]
    public int MaxTails { get; set; } = 64;

    [Option("Samples that wait for a slow reader of a live tail; more are dropped for this reader, and it is told how many.", Min = "16", Max = "1000000")]
    public int TailBufferSamples { get; set; } = 10_000;
}
