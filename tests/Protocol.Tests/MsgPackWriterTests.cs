using Xunit;

namespace DataLayer.Protocol.Tests;

public sealed class MsgPackWriterTests
{
    [Fact]
    public void Write_beyondTheBuffer_growsAndKeepsAll()
    {
        using var writer = new MsgPackWriter(1);
        for (var i = 0; i < 10_000; i++) writer.Write((long)i);
        var reader = new MsgPackReader(writer.Written);
        for (var i = 0; i < 10_000; i++)
        {
            Assert.True(reader.TryReadInt64(out var value));
            Assert.Equal(i, value);
        }

        Assert.Equal(MsgPackKind.End, reader.PeekKind());
    }

    [Fact]
    public void Write_staleMarker_keepsItsBits()
    {
        using var writer = new MsgPackWriter();
        writer.Write(ProtocolLimits.StaleMarker);
        Assert.Equal("CB7FF0000000000002", Convert.ToHexString(writer.Written));
        Assert.True(new MsgPackReader(writer.Written).TryReadDouble(out var value));
        Assert.True(ProtocolLimits.IsStaleMarker(value));
        Assert.False(ProtocolLimits.IsStaleMarker(double.NaN));
    }

    [Fact]
    public void Truncate_takesBackTheLastMessage()
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteFlush(writer, 1);
        var length = writer.LengthBytes;
        MessageEncoder.WriteFlush(writer, 2);
        writer.Truncate(length);
        Assert.Equal("920501", Convert.ToHexString(writer.Written));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Truncate(length + 1));
    }

    [Fact]
    public void Write_again_allocatesNothing()
    {
        using var writer = new MsgPackWriter();
        var values = new double[100];
        Fill(writer, values);
        var length = writer.LengthBytes;
        writer.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill(writer, values);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(length, writer.LengthBytes);
        Assert.Equal(0, allocated);

        static void Fill(MsgPackWriter writer, double[] values)
        {
            MessageEncoder.WriteRow(writer, 3, 1_700_000_000_000_000, values);
            MessageEncoder.WriteLine(writer, "cpu", [new("host", "ä")], null, 1.5);
            MessageEncoder.WriteAck(writer, 70_000);
            writer.WriteTimestamp(1_700_000_000_000_001);
        }
    }
}
