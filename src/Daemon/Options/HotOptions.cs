namespace DataLayer.Daemon.Options;

/// <summary>Ring, shards and what is held in memory.</summary>
public sealed class HotOptions
{
    [Option("Shards, each a thread with the series that are its own; 0: one per core.", Min = "0", Max = "256")]
    public int Shards { get; set; }

    [Option("Records between the connections and the shards; a power of two.", Min = "64", Max = "65536")]
    public int RingSlots { get; set; } = 1_024;

    [Option("Bytes of the records between the connections and the disk; past it TCP stops reading and UDP counts drops.", IsBytes = true, Min = "4 MiB", Max = "64 GiB")]
    public long InFlightBytes { get; set; } = 256L << 20;

    [Option("Memory of the samples that the lake does not hold yet; past it new data are refused with error 7.", IsBytes = true, Min = "16 MiB", Max = "1 TiB")]
    public long MaxBytes { get; set; } = 1L << 30;
}
