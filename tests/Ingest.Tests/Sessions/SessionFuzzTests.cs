using DataLayer.Fuzzing;
using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using K4os.Compression.LZ4;
using Xunit;
using ZstdSharp;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>
/// Conversations that are nearly right: every kind of message in any order, then a few changes that hit lengths, codes, borders and packed bytes.
/// Whatever comes, nothing is thrown, the books balance (the fixture checks), memory is bounded, and the pieces in which it comes change nothing.
/// See <see cref="Fuzz"/> for the long form.
/// </summary>
public sealed class SessionFuzzTests
{
    /// <summary>An input may have a message, a batch and its unpacked bytes in memory, and what a budget of each of them allows to grow.</summary>
    private const long AllocatedBytesMax = 32 << 20;

    [Fact]
    public void Consume_nearlyRightConversations_holdEveryPromise() => Fuzz.Run(20_000, random =>
    {
        var bytes = Conversation(random, depth: 0);
        return random.Next(8) == 0 ? bytes : Mutation.Of(random, bytes);
    }, (bytes, random) => Check(bytes, [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(1, 1 + random.Next(1, bytes.Length + 2)))]));

    private static void Check(byte[] bytes, int[] lengths)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var whole = Run(bytes, [bytes.Length + 1]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocatedBytesMax);
        var split = Run(bytes, lengths);
        Assert.Equal(whole.Samples, split.Samples);
        Assert.Equal(whole.Events, split.Events);
        Assert.Equal(whole.Status, split.Status);
        Assert.Equal(whole.LastAck, split.LastAck);
        Assert.Equal(whole.Errors, split.Errors);
        using var udp = NewFixture(SessionKind.Udp);
        udp.Session.ConsumeDatagram(bytes.AsSpan(0, Math.Min(bytes.Length, 1400)));
        udp.Session.FinishDatagrams();
    }

    private static (PublishedSample[] Samples, PublishedEvent[] Events, SessionStatus Status, string? LastAck, string[] Errors) Run(byte[] bytes, int[] lengths)
    {
        using var fixture = NewFixture(SessionKind.Tcp);
        var status = bytes.Length == 0 ? SessionStatus.Continue : fixture.FeedSplit(bytes, lengths);
        if (status == SessionStatus.Continue) fixture.Session.EndInput();
        var answers = fixture.Output.Messages;
        return ([.. fixture.Sink.Samples], [.. fixture.Sink.Events.Select(WithoutMadeId)], status, answers.FindLast(answer => answer.StartsWith("ack", StringComparison.Ordinal)),
            [.. answers.Where(answer => answer.StartsWith("error", StringComparison.Ordinal)).Distinct().Order()]);
    }

    private static SessionFixture NewFixture(SessionKind kind) =>
        new(new SessionOptions { MaxMessageBytes = 1 << 20, MaxBatchBytes = 1 << 20, MaxSchemas = 8, MaxSchemaSeries = 1000 }, kind, seriesMax: 200, seriesPerAgentMax: 100);

    private static byte[] Conversation(Random random, int depth) =>
        Join([.. Enumerable.Range(0, random.Next(1, depth == 0 ? 12 : 6)).Select(_ => Message(random, depth))]);

    private static byte[] Message(Random random, int depth)
    {
        switch (random.Next(depth == 0 ? 11 : 7))
        {
            case 0: return Line(Name(random), Value(random), random.Next(-5, 5), Labels(random));
            case 1: return Line(string.Empty, Value(random), random.Next(-5, 5));
            case 2: return Encode(writer => MessageEncoder.WritePoint(writer, Name(random), Pairs(Labels(random)), Now + random.Next(10), [.. Enumerable.Range(0, random.Next(1, 5)).Select(field => KeyValuePair.Create($"f{field}", Value(random)))]));
            case 3: return Schema(random.Next(4), [.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => Name(random))]);
            case 4: return Row(random.Next(4), [.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => Value(random))]);
            case 5: return Block(random);
            case 6: return Encode(writer => MessageEncoder.WriteEvent(writer, random.Next(9) == 0 ? "" : "t", random.Next(3) == 0 ? "" : "s", Now + random.Next(10), Document(random)));
            case 7: return Hello(random.Next(3) == 0 ? null : $"agent-{random.Next(2)}", random.Next(4) == 0 ? "token" : null, random.Next(3) == 0 ? AckMode.Memory : null);
            case 8: return Flush(random.Next(100));
            default: return PackedBatch(random);
        }
    }

    /// <summary>Ids that the server makes differ from run to run.</summary>
    private static PublishedEvent WithoutMadeId(PublishedEvent made) => Guid.TryParse(made.Id, out _) ? made with { Id = "" } : made;

    private static byte[] Document(Random random) => random.Next(6) switch
    {
        0 => [0x81, 0xa2, (byte)'i', (byte)'d', (byte)random.Next(256)],
        1 => [0x82, 0xa1, (byte)'x', 0x93, 1, 0xc0, 0x81, 0xc3, 0xcb, 0, 0, 0, 0, 0, 0, 0, 0, 0xa2, (byte)'i', (byte)'d', 0xa3, (byte)'a', (byte)'b', (byte)random.Next(32, 127)],
        2 => [0x81, 0xc4, 1, 2, 0xd4, 5, 6],
        3 => [0x90],
        _ => [0x80],
    };

    private static byte[] Block(Random random)
    {
        var (rows, columns) = (random.Next(0, 4), random.Next(0, 6));
        return Encode(writer => MessageEncoder.WriteBlock(writer, random.Next(4), [.. Enumerable.Range(0, rows).Select(row => Now + row)], [.. Enumerable.Range(0, rows * columns).Select(_ => Value(random))]));
    }

    private static byte[] PackedBatch(Random random)
    {
        var raw = Conversation(random, depth: 1);
        if (random.Next(3) == 0) raw = Mutation.Of(random, raw);
        var codec = (BatchCodec)random.Next(3);
        var packed = codec switch
        {
            BatchCodec.Lz4 => Lz4(raw),
            BatchCodec.Zstd => Zstd(raw),
            _ => raw,
        };
        if (random.Next(5) == 0) packed = Mutation.Of(random, packed);
        var length = random.Next(6) == 0 ? random.Next(int.MaxValue) >> random.Next(31) : raw.Length;
        return Encode(writer => MessageEncoder.WriteBatch(writer, random.Next(1, 6), codec, length, packed));
    }

    private static byte[] Lz4(byte[] raw)
    {
        var packed = new byte[LZ4Codec.MaximumOutputSize(raw.Length)];
        return packed[..LZ4Codec.Encode(raw, packed)];
    }

    private static byte[] Zstd(byte[] raw)
    {
        using var compressor = new Compressor(1);
        return compressor.Wrap(raw).ToArray();
    }

    private static string Name(Random random) => random.Next(12) switch
    {
        0 => string.Empty,
        1 => new string('n', random.Next(1, 300)),
        2 => "ünï",
        _ => $"m{random.Next(5)}",
    };

    private static (string, string)[] Labels(Random random) => [.. Enumerable.Range(0, random.Next(4)).Select(label => ($"l{random.Next(3)}", $"v{random.Next(3)}"))];

    private static double Value(Random random) => random.Next(8) switch
    {
        0 => double.NaN,
        1 => ProtocolLimits.StaleMarker,
        2 => double.NegativeInfinity,
        _ => random.Next(1000) / 10.0,
    };
}
