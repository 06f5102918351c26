using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>Makes batches and throws them away: what the sender costs without a daemon.</summary>
internal sealed class DrySender(LoadOptions options, BatchSource source) : ISender
{
    private readonly BatchPacker _packer = new(options.Codec);

    public long SentSamples { get; private set; }

    public long AckedSamples => SentSamples;

    public long SentBytes { get; private set; }

    public Latencies AckLatencies { get; } = new();

    public string? Fault => null;

    public void Open()
    {
        using var writer = new MsgPackWriter();
        source.WriteSchemas(writer);
    }

    public void Send(long startTicks, long endTicks)
    {
        var pacer = new Pacer(startTicks, options.Rate / options.Connections / source.SamplesPerBatch, 0);
        for (long seq = 1; pacer.WaitFor(seq - 1) < endTicks; seq++)
        {
            source.WriteMessages(seq, _packer.Begin());
            SentBytes += _packer.Finish(seq).Length;
            SentSamples += source.SamplesPerBatch;
        }
    }

    public bool WaitForAcks(TimeSpan patience) => true;

    public void Dispose() => _packer.Dispose();
}
