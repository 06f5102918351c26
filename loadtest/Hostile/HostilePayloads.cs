using System.Buffers.Binary;
using System.Globalization;
using DataLayer.Protocol;
using K4os.Compression.LZ4;

namespace DataLayer.LoadTest.Hostile;

/// <summary>What hostile peers send. Thread: a connection's; each call's bytes are new or never changed.</summary>
internal sealed class HostilePayloads(string run)
{
    private const int BatchBytes = ProtocolLimits.MaxBatchBytes;

    /// <summary>The first pair of a sample line: an array of four, a name of 255 bytes, of which one is there.</summary>
    public static byte[] BegunLine { get; } = [0x94, 0xd9, 0xff, (byte)'x'];

    /// <summary>A hello that promises an agent's name and stops.</summary>
    public static byte[] BegunHello { get; } = [0x92, 0x00, 0x82, 0xa1, (byte)'v', 0x01, 0xa5, (byte)'a', (byte)'g'];

    /// <summary>A request whose headers never end.</summary>
    public static byte[] BegunRequest { get; } = "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nX-Slow: "u8.ToArray();

    /// <summary>A 200 ms sip of series that nobody has seen: 2,000 lines.</summary>
    public byte[] NewSeries(int connection, long turn)
    {
        using var writer = new MsgPackWriter(256 << 10);
        for (var i = 0; i < 2000; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{connection}-{(turn * 2000) + i}");
            MessageEncoder.WriteLine(writer, "hostile_flood", [new("id", id), new("run", run)], null, i);
        }

        return writer.Written.ToArray();
    }

    /// <summary>The widest schema, under a number not used before.</summary>
    public byte[] Schema(int connection, long turn)
    {
        using var writer = new MsgPackWriter(4 << 20);
        MessageEncoder.WriteSchemaHeader(writer, turn, [new("connection", connection.ToString(CultureInfo.InvariantCulture)), new("run", run)], ProtocolLimits.MaxSeriesPerSchema);
        for (var i = 0; i < ProtocolLimits.MaxSeriesPerSchema; i++) MessageEncoder.WriteSeries(writer, "hostile_schema", [new("i", i.ToString(CultureInfo.InvariantCulture))]);
        return writer.Written.ToArray();
    }

    /// <summary>Asks for answers, thousands in a few bytes.</summary>
    public static byte[] Flushes(int connection, long turn)
    {
        using var writer = new MsgPackWriter(64 << 10);
        for (var i = 0; i < 8000; i++) MessageEncoder.WriteFlush(writer, (turn * 8000) + i);
        return writer.Written.ToArray();
    }

    public static byte[] Garbage(int connection, long turn)
    {
        var bytes = new byte[4096];
        new Random(HashCode.Combine(connection, turn)).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Batches of some KiB that unpack to 64 MiB: of empty points, of nothing at all, of more than they say.</summary>
    public static Func<int, long, byte[]> ZstdBombs()
    {
        byte[][] bombs = [ZstdBomb(0x80, BatchBytes, BatchBytes), ZstdBomb(0xc0, BatchBytes, BatchBytes), ZstdBomb(0x80, BatchBytes, 1 << 30), ZstdBomb(0x80, BatchBytes, 1000)];
        return (_, turn) => bombs[turn % bombs.Length];
    }

    /// <summary>A batch of 64 MiB of good rows in 300 KB: eight million samples, nearly all the same.</summary>
    public Func<int, long, byte[]> Lz4Bombs()
    {
        const int Columns = 1000;
        using var messages = new MsgPackWriter(BatchBytes);
        MessageEncoder.WriteSchemaHeader(messages, 1, [new("run", run)], Columns);
        for (var i = 0; i < Columns; i++) MessageEncoder.WriteSeries(messages, "hostile_bomb", [new("i", i.ToString(CultureInfo.InvariantCulture))]);
        var row = new double[Columns];
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000;
        for (var at = 0; messages.LengthBytes < BatchBytes - (9 * Columns); at++) MessageEncoder.WriteRow(messages, 1, start - at, row);
        var packed = new byte[LZ4Codec.MaximumOutputSize(messages.LengthBytes)];
        var length = LZ4Codec.Encode(messages.Written, packed);
        using var batch = new MsgPackWriter(length + 64);
        MessageEncoder.WriteBatch(batch, 0, BatchCodec.Lz4, messages.LengthBytes, packed.AsSpan(0, length));
        var bomb = batch.Written.ToArray();
        return (_, _) => bomb;
    }

    /// <summary>A frame of blocks that each repeat one byte 128 Ki times (RFC 8878, 3.1.1).</summary>
    private static byte[] ZstdBomb(byte repeated, int promisedBytes, int realBytes)
    {
        const int BlockBytes = 128 << 10;
        var blocks = Math.Max(1, realBytes / BlockBytes);
        var frame = new byte[9 + (4 * blocks)];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, 0xFD2FB528);
        frame[4] = 0xa0; // One segment, its size in four bytes.
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(5), realBytes);
        for (var block = 0; block < blocks; block++)
        {
            var header = (Math.Min(BlockBytes, realBytes) << 3) | (1 << 1) | (block == blocks - 1 ? 1 : 0);
            var at = 9 + (4 * block);
            (frame[at], frame[at + 1], frame[at + 2], frame[at + 3]) = ((byte)header, (byte)(header >> 8), (byte)(header >> 16), repeated);
        }

        using var batch = new MsgPackWriter(frame.Length + 64);
        MessageEncoder.WriteBatch(batch, 0, BatchCodec.Zstd, promisedBytes, frame);
        return batch.Written.ToArray();
    }
}
