using System.Text;
using System.Text.Json;
using DataLayer.Client.Http;
using DataLayer.Client.Ingest;
using DataLayer.Fuzzing;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Client.Tests;

/// <summary>Answers that are nearly right: a daemon of another version, a proxy, or something that is no daemon. See <see cref="Fuzz"/> for the long form.</summary>
public sealed class AnswerFuzzTests
{
    private const string Samples = """{"series":[{"name":"cpu","labels":{"host":"a","é":"\u00fc"},"samples":[[1763899200.123456,21.5],[1763899201,"NaN"],[1763899202,null]]},{"name":"x","time":1,"value":"-Inf"}],"truncated":false}""";

    [Fact]
    public void ServerMessage_nearlyRight_isReadOrRefused() => Fuzz.Run(30_000, Message, (bytes, _) => Fuzz.Bounded(64 << 10, () =>
    {
        if (!ServerMessage.TryRead(bytes, out var message)) return;
        Assert.True(message.Kind is ServerMessageKind.Ack or ServerMessageKind.Error);
        if (message.Kind == ServerMessageKind.Ack) Assert.Equal((ErrorCode.None, ""), (message.Code, message.Text));
    }));

    [Fact]
    public void Welcome_nearlyRight_isReadOrRefused() => Fuzz.Run(30_000, random => Changed(random, Encode(writer =>
        MessageEncoder.WriteWelcome(writer, "datalayerd 1", random.NextInt64(), ProtocolLimits.MaxMessageBytes, ProtocolLimits.MaxBatchBytes, random.NextInt64()))), (bytes, _) =>
        Fuzz.Bounded(64 << 10, () => Assert.NotNull((Welcome.TryRead(bytes, out var welcome), welcome).welcome.Server)));

    [Fact]
    public void FaultText_nearlyRight_isWholeOrNothing() => Fuzz.Run(30_000, random =>
    {
        var text = $"the name is empty ({random.NextInt64(1_000_000_000_000_000_000)} times, first in message of the batch {random.Next(1, 1000)})";
        return random.Next(4) == 0 ? text : Mutation.Of(random, text);
    }, (text, _) =>
    {
        var (count, first) = FaultText.Read(text);
        Assert.InRange(count, 0, 999_999_999_999_999_999);
        Assert.InRange(first, 0, 999_999_999_999_999_999);
        if (count > 0) Assert.EndsWith($"message of the batch {text[(text.LastIndexOf(' ') + 1)..^1]})", text, StringComparison.Ordinal);
    });

    [Fact]
    public void AnswerReader_nearlyRight_isReadOrRefusedAsNoAnswer() => Fuzz.Run(20_000, random => Mutation.Of(random, Samples), (text, _) => Fuzz.Bounded(4 << 20, () =>
    {
        QueryResult? answer = null;
        if (!Fuzz.Succeeds(() => answer = Read(text), fault => fault is JsonException or DataLayerException { Kind: FailureKind.BadAnswer })) return;
        Assert.All(answer!.Series, series => Assert.NotNull(series.Name));
    }));

    [Fact]
    public void AnswerReader_right_isRead()
    {
        var answer = Read(Samples);
        Assert.Equal([1763899200123456, 1763899201000000, 1763899202000000], answer.Series[0].Samples.Select(sample => sample.TimeUnixMicros));
        Assert.Equal(double.NegativeInfinity, answer.Series[1].Samples[0].Value);
    }

    private static QueryResult Read(string text)
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetBytes(text));
        return AnswerReader.ReadSamples(json.RootElement);
    }

    private static byte[] Message(Random random) => Changed(random, random.Next(3) switch
    {
        0 => Encode(writer => MessageEncoder.WriteAck(writer, random.NextInt64())),
        1 => Encode(writer => MessageEncoder.WriteError(writer, random.NextInt64(), ErrorCode.BadContent, "the name is empty (message of the batch 3)")),
        _ => MsgPackInputs.Any(random),
    });

    private static byte[] Changed(Random random, byte[] bytes) => random.Next(8) == 0 ? bytes : Mutation.Of(random, bytes);

    private static byte[] Encode(Action<MsgPackWriter> write)
    {
        using var writer = new MsgPackWriter();
        write(writer);
        return writer.Written.ToArray();
    }
}
