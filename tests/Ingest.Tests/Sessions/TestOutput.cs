using System.Text;
using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>Collects answers as text: <c>ack 5</c>, <c>error 5 4</c> (sequence, code), <c>welcome 7</c> (last_seq).</summary>
internal sealed class TestOutput : ISessionOutput
{
    public List<string> Messages { get; } = [];

    public List<string> ErrorTexts { get; } = [];

    public int Sends { get; private set; }

    public bool IsNull { get; set; }

    public void Send(ReadOnlySpan<byte> messages)
    {
        Sends++;
        if (IsNull) return;
        var reader = new MsgPackReader(messages);
        while (reader.Remaining > 0) ReadOne(ref reader);
    }

    /// <summary>The answers since the last call.</summary>
    public string[] Take()
    {
        var taken = Messages.ToArray();
        Messages.Clear();
        return taken;
    }

    private void ReadOne(ref MsgPackReader reader)
    {
        Assert.True(reader.TryReadArrayHeader(out _));
        Assert.True(reader.TryReadInt64(out var op));
        switch (op)
        {
            case Op.Ack:
                Assert.True(reader.TryReadInt64(out var seq));
                Messages.Add($"ack {seq}");
                break;
            case Op.Error:
                Assert.True(reader.TryReadInt64(out seq));
                Assert.True(reader.TryReadInt64(out var code));
                Assert.True(reader.TryReadString(out var text));
                Messages.Add($"error {seq} {code}");
                ErrorTexts.Add(Encoding.UTF8.GetString(text));
                break;
            default:
                Assert.Equal(Op.Hello, (int)op);
                Messages.Add($"welcome {ReadWelcome(ref reader)}");
                break;
        }
    }

    private static long ReadWelcome(ref MsgPackReader reader)
    {
        long lastSeq = -1;
        Assert.True(reader.TryReadMapHeader(out var pairs));
        for (; pairs > 0; pairs--)
        {
            Assert.True(reader.TryReadString(out var key));
            if (key.SequenceEqual("last_seq"u8)) Assert.True(reader.TryReadInt64(out lastSeq));
            else Assert.True(reader.TrySkip());
        }

        return lastSeq;
    }
}
