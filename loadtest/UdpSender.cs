using System.Net.Sockets;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>One source of numbered datagrams. Nothing comes back.</summary>
internal sealed class UdpSender(LoadOptions options, BatchSource source, string name, int connection) : ISender
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly MsgPackWriter _writer = new(1 << 16);
    private long _sent;

    public long SentSamples => Volatile.Read(ref _sent) * source.SamplesPerBatch;

    public long AckedSamples => 0;

    public long SentBytes { get; private set; }

    public Latencies AckLatencies { get; } = new();

    public string? Fault { get; private set; }

    public void Open() => _socket.Connect(options.Ingest);

    public void Send(long startTicks, long endTicks)
    {
        var pacer = new Pacer(startTicks, options.Rate / options.Connections / source.SamplesPerBatch, (double)connection / options.Connections);
        try
        {
            while (pacer.WaitFor(_sent) is var due && due < endTicks && System.Diagnostics.Stopwatch.GetTimestamp() < endTicks)
            {
                _writer.Clear();
                MessageEncoder.WriteDatagramHeader(_writer, name, _sent + 1);
                source.WriteMessages(_sent + 1, _writer);
                _socket.Send(_writer.Written);
                SentBytes += _writer.LengthBytes;
                Volatile.Write(ref _sent, _sent + 1);
            }
        }
        catch (SocketException fault)
        {
            Fault = $"Sending failed: {fault.Message}";
        }
    }

    public bool WaitForAcks(TimeSpan patience) => true;

    public void Dispose()
    {
        _socket.Dispose();
        _writer.Dispose();
    }
}
