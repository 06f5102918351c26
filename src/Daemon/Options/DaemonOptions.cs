using System.Net;
using DataLayer.Engines.Feed;

namespace DataLayer.Daemon.Options;

/// <summary>Everything that can be configured, read once before a socket opens. Section "DataLayer" of datalayer.json.</summary>
public sealed class DaemonOptions
{
    [Option("The data folder: log, lake and lock. Short form: `DATALAYER_DATA_DIR`, `--data-dir`.")]
    public string DataDir { get; set; } = "data";

    [Option("Where HTTP listens; port 0 takes a free one. Short form: `DATALAYER_HTTP`, `--http`.")]
    public IPEndPoint Http { get; set; } = new(IPAddress.Loopback, 7400);

    [Option("Where agents send, TCP and UDP on the same port; port 0 takes a free one. Short form: `DATALAYER_INGEST`, `--ingest`.")]
    public IPEndPoint Ingest { get; set; } = new(IPAddress.Loopback, 7401);

    [Option("Whether the daemon measures its own host every second and sends it to itself over TCP. Short form: `DATALAYER_HOST_COLLECTOR`, `--host-collector`.")]
    public bool HostCollector { get; set; }

    [Option("How long a stopping daemon may take to drain connections and to flush the lake. What the lake does not get in this time stays in the log, and is read from there at the next start.", Min = "1 s", Max = "1 h")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    public TcpOptions Tcp { get; } = new();

    public UdpOptions Udp { get; } = new();

    public WebOptions Web { get; } = new();

    public LimitOptions Limits { get; } = new();

    public HotOptions Hot { get; } = new();

    public LogOptions Log { get; } = new();

    public LakeSectionOptions Lake { get; } = new();

    public QuerySectionOptions Query { get; } = new();

    /// <summary>The engines beside the lake, each fed from the log.</summary>
    public IReadOnlyList<EngineSpec> Engines { get; set; } = [];

    /// <summary>What no single option can say: how they fit together. One line per fault.</summary>
    internal IEnumerable<string> Faults()
    {
        if (DataDir.Length == 0) yield return "DataLayer:DataDir is empty: name the folder that holds the data.";
        if (Http.Port != 0 && Http.Equals(Ingest)) yield return $"DataLayer:Http and DataLayer:Ingest are both {Http}: give them different ports.";
        if (Limits.MaxMessageBytes > Limits.MaxBatchBytes)
        {
            yield return $"DataLayer:Limits:MaxMessageBytes = {Limits.MaxMessageBytes} is more than DataLayer:Limits:MaxBatchBytes = {Limits.MaxBatchBytes}: a batch holds whole messages.";
        }

        if (Limits.SeriesPerAgent > Limits.Series)
        {
            yield return $"DataLayer:Limits:SeriesPerAgent = {Limits.SeriesPerAgent} is more than DataLayer:Limits:Series = {Limits.Series}.";
        }

        if (!System.Numerics.BitOperations.IsPow2(Hot.RingSlots)) yield return $"DataLayer:Hot:RingSlots = {Hot.RingSlots} is not a power of two: take {System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Hot.RingSlots)}.";
        if (Log.MaxBytes < 4L * Log.SegmentBytes)
        {
            yield return $"DataLayer:Log:MaxBytes = {Log.MaxBytes} is less than four segments of DataLayer:Log:SegmentBytes = {Log.SegmentBytes}.";
        }
    }
}
