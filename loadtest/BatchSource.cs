using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>
/// The messages of one connection, batch by batch. A batch depends on its number alone, so that it can be made again after a crash.
/// Owned by the connection's sender.
/// </summary>
internal abstract class BatchSource(LoadOptions options, int connection)
{
    /// <summary>Time of instant 0. Whole steps, set before the first batch.</summary>
    public long StartMicros { get; init; }

    public abstract int SamplesPerBatch { get; }

    protected LoadOptions Options { get; } = options;

    /// <summary>Number of this connection's first series.</summary>
    protected int FirstSeries { get; } = connection * options.SeriesPerConnection;

    protected ValueTable Values { get; } = new(options.Values, options.SeriesPerConnection, seed: connection + 1);

    public static BatchSource Create(LoadOptions options, int connection, long startMicros) => options.Kind switch
    {
        LoadKind.Rows => new RowSource(options, connection) { StartMicros = startMicros },
        LoadKind.Blocks => new BlockSource(options, connection) { StartMicros = startMicros },
        LoadKind.Lines or LoadKind.UdpLines => new LineSource(options, connection) { StartMicros = startMicros },
        LoadKind.Points => new PointSource(options, connection) { StartMicros = startMicros },
        LoadKind.UdpRows => new DatagramRowSource(options, connection) { StartMicros = startMicros },
        _ => throw new UsageException($"No such kind: {options.Kind}."),
    };

    /// <summary>Declarations to send once on each connection.</summary>
    public virtual void WriteSchemas(MsgPackWriter writer)
    {
    }

    /// <summary>Writes the messages of batch <paramref name="seq"/>: 1, 2, 3 …</summary>
    public abstract void WriteMessages(long seq, MsgPackWriter writer);

    protected long TimeOf(long instant) => StartMicros + (instant * Options.StepMicros);
}
