using System.Net.Sockets;
using System.Text;
using DataLayer.Protocol;
using K4os.Compression.LZ4;
using Xunit;

namespace DataLayer.Client.Tests;

/// <summary>The server's end of one connection.</summary>
internal sealed class FakeConnection(Socket socket)
{
    private readonly List<byte> _bytes = [];

    /// <summary>A batch as it came, unpacked.</summary>
    public sealed record Batch(long Seq, BatchCodec Codec, byte[] Messages, List<(string Name, double Value, long Time)> Lines);

    public Dictionary<string, object> Hello { get; } = [];

    public async Task WelcomeAsync(long lastSeq)
    {
        ReadHello(await MessageAsync() ?? throw new InvalidOperationException("no hello"));
        await SendAsync(w => MessageEncoder.WriteWelcome(w, "fake 1", lastSeq, 1000, 2000, 3));
    }

    public Task AckAsync(long seq) => SendAsync(w => MessageEncoder.WriteAck(w, seq));

    public Task ErrorAsync(long seq, ErrorCode code, string text) => SendAsync(w => MessageEncoder.WriteError(w, seq, code, text));

    public async Task SendAsync(Action<MsgPackWriter> write)
    {
        using var writer = new MsgPackWriter();
        write(writer);
        await socket.SendAsync(writer.WrittenMemory);
    }

    public async Task<Batch> BatchAsync() => ReadBatch(await MessageAsync() ?? throw new InvalidOperationException("the connection ended"));

    /// <summary>Null at the end of the connection.</summary>
    public async Task<Batch?> TryBatchAsync() => await MessageAsync() is { } message ? ReadBatch(message) : null;

    /// <summary>The bytes of the next message; null at the end.</summary>
    public async Task<byte[]?> MessageAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var scanner = new MessageScanner(1 << 24);
            var bytes = _bytes.ToArray();
            if (bytes.Length > 0 && scanner.Scan(bytes, out var consumed) == ScanResult.Complete)
            {
                _bytes.RemoveRange(0, consumed);
                return bytes[..consumed];
            }

            var count = await ReceiveAsync(buffer);
            if (count == 0) return null;
            _bytes.AddRange(buffer.AsSpan(0, count));
        }
    }

    private async Task<int> ReceiveAsync(byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    public void Close() => socket.Dispose();

    private void ReadHello(byte[] message)
    {
        var reader = new MsgPackReader(message);
        Assert.True(reader.TryReadArrayHeader(out var two) && two == 2 && reader.TryReadInt64(out var op) && op == Op.Hello);
        Assert.True(reader.TryReadMapHeader(out var pairs));
        for (; pairs > 0; pairs--)
        {
            Assert.True(reader.TryReadString(out var key));
            var name = Encoding.UTF8.GetString(key);
            if (reader.TryReadString(out var text)) Hello[name] = Encoding.UTF8.GetString(text);
            else if (reader.TryReadInt64(out var number)) Hello[name] = number;
        }
    }

    private static Batch ReadBatch(byte[] message)
    {
        var reader = new MsgPackReader(message);
        Assert.True(reader.TryReadArrayHeader(out var five) && five == 5 && reader.TryReadInt64(out var op) && op == Op.Batch);
        Assert.True(reader.TryReadInt64(out var seq) & reader.TryReadInt64(out var codec) & reader.TryReadInt64(out var raw) & reader.TryReadBinary(out var packed));
        var messages = new byte[raw];
        if (codec == (long)BatchCodec.Lz4) Assert.Equal(raw, LZ4Codec.Decode(packed, messages));
        else packed.CopyTo(messages);
        return new Batch(seq, (BatchCodec)codec, messages, ReadLines(messages));
    }

    private static List<(string Name, double Value, long Time)> ReadLines(byte[] messages)
    {
        var lines = new List<(string, double, long)>();
        var reader = new MsgPackReader(messages);
        while (reader.Remaining > 0)
        {
            Assert.True(reader.TryReadArrayHeader(out var count));
            if (!reader.TryReadString(out var name)) return lines;
            Assert.True(reader.TrySkip());
            Assert.True(reader.TryReadInt64(out var time) & reader.TryReadDouble(out var value));
            if (count == 5) Assert.True(reader.TryReadDouble(out _));
            lines.Add((Encoding.UTF8.GetString(name), value, time));
        }

        return lines;
    }
}
