using System.Net.Sockets;
using DataLayer.Protocol;

namespace DataLayer.Daemon.Tests;

/// <summary>Messages of the protocol as bytes, and what a daemon answers.</summary>
internal static class Wire
{
    public static byte[] Line(string name, double value, long? timeMicros = null)
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteLine(writer, name, [], timeMicros ?? NowMicros(), value);
        return writer.Written.ToArray();
    }

    /// <summary>An event whose document is <c>{"id": id, "n": n}</c>.</summary>
    public static byte[] Event(string type, string id, int n, long? timeMicros = null)
    {
        using var document = new MsgPackWriter();
        document.WriteMapHeader(4);
        document.WriteString("id");
        document.WriteString(id);
        document.WriteString("n");
        document.Write(n);
        document.WriteString("lat");
        document.Write(52.5);
        document.WriteString("lon");
        document.Write(13.4);
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteEvent(writer, type, "test", timeMicros, document.Written);
        return writer.Written.ToArray();
    }

    public static byte[] Flush(long number)
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteFlush(writer, number);
        return writer.Written.ToArray();
    }

    public static byte[] Hello(string? agent = null, string? token = null)
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteHello(writer, agent, token);
        return writer.Written.ToArray();
    }

    public static byte[] Batch(long seq, byte[] messages)
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteBatch(writer, seq, BatchCodec.None, messages.Length, messages);
        return writer.Written.ToArray();
    }

    public static long NowMicros() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Sends, asks for an ack, and waits for it.</summary>
    public static async Task SendAndAwaitAckAsync(TcpClient client, params byte[][] messages)
    {
        var stream = client.GetStream();
        foreach (var message in messages) await stream.WriteAsync(message);
        await stream.WriteAsync(Flush(1));
        var answer = new byte[3];
        await stream.ReadExactlyAsync(answer);
        if (!answer.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[0x92, 8, 1])) throw new InvalidDataException($"no ack but {Convert.ToHexString(answer)}");
    }

    /// <summary>All bytes until the daemon closes.</summary>
    public static async Task<byte[]> ReadToEndAsync(TcpClient client, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            int got;
            while ((got = await client.GetStream().ReadAsync(buffer, cancellation)) > 0) bytes.Write(buffer, 0, got);
        }
        catch (IOException)
        {
            // Reset by the daemon: closed as well.
        }

        return bytes.ToArray();
    }

    /// <summary>The code of an error message <c>[9, seq, code, text]</c> at the start of the bytes; 0 when there is none.</summary>
    public static int ErrorCodeOf(ReadOnlySpan<byte> bytes) => bytes.Length > 3 && bytes[0] == 0x94 && bytes[1] == 9 ? bytes[3] : 0;
}
