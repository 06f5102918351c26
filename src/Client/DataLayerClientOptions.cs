using DataLayer.Protocol;

namespace DataLayer.Client;

/// <summary>How a client reaches its daemon. Every property has a default that suits an application beside a local daemon.</summary>
public sealed class DataLayerClientOptions
{
    public const string DefaultIngest = "127.0.0.1:7401";
    public const string DefaultHttp = "127.0.0.1:7400";

    /// <summary>Where samples go: <c>host:port</c>, TCP.</summary>
    public string Ingest { get; set; } = DefaultIngest;

    /// <summary>Where queries go: <c>host:port</c> or a URL.</summary>
    public string Http { get; set; } = DefaultHttp;

    /// <summary>
    /// With a name, each batch is stored exactly once, across lost connections and restarts of either side. At most one living client may use
    /// the name: the daemon tells batches apart by name and number. Null: a batch that was under way when a connection broke is sent again; its samples keep their
    /// times, so that the second copy replaces the first.
    /// </summary>
    public string? Agent { get; set; }

    /// <summary>The secret that the daemon asks for, if it does.</summary>
    public string? Token { get; set; }

    /// <summary>When a call is done: when its samples are on the daemon's disk (default), or when queries see them.</summary>
    public AckMode AckMode { get; set; } = AckMode.Durable;

    /// <summary><see cref="BatchCodec.None"/> (default: right on one machine or a fast network) or <see cref="BatchCodec.Lz4"/>.</summary>
    public BatchCodec Codec { get; set; } = BatchCodec.None;

    /// <summary>A batch is sent when its messages reach this size. 4 KiB to 16 MiB; small costs throughput, large costs memory on both sides. Default 256 KiB.</summary>
    public int BatchBytes { get; set; } = 256 * 1024;

    /// <summary>A posted sample (<see cref="DataLayerClient.PostAsync"/>) waits this long for company. Default 100 ms; zero: each goes alone.</summary>
    public TimeSpan BatchInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Batches that may be on their way; the next call waits. 1 to 65,536; default 128.</summary>
    public int MaxUnackedBatches { get; set; } = 128;

    /// <summary>For a connection and its welcome. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection that owes acks and says nothing for this long is given up, and a new one is made. Default 15 s.</summary>
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The first pause before connecting again; it doubles, with jitter, up to <see cref="ReconnectDelayMax"/>. Default 50 ms.</summary>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Default 5 s.</summary>
    public TimeSpan ReconnectDelayMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Batches that wait this long without a connection fail with <see cref="FailureKind.Unreachable"/>. Zero: at the first failure. Default 30 s.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For one HTTP request. Default 60 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock, for tests.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Throws where a value is out of its range, naming it.</summary>
    internal void Validate()
    {
        _ = Endpoint.Parse(Ingest, nameof(Ingest));
        _ = Endpoint.ParseHttp(Http, nameof(Http));
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchBytes, 4096, nameof(BatchBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchBytes, 16 << 20, nameof(BatchBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnackedBatches, 1, nameof(MaxUnackedBatches));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxUnackedBatches, 65_536, nameof(MaxUnackedBatches));
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchInterval, TimeSpan.Zero, nameof(BatchInterval));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero, nameof(ConnectTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AckTimeout, TimeSpan.Zero, nameof(AckTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(GiveUpAfter, TimeSpan.Zero, nameof(GiveUpAfter));
        if (Codec is not (BatchCodec.None or BatchCodec.Lz4)) throw new ArgumentException($"this client packs with none or lz4, not {Codec}", nameof(Codec));
    }
}
