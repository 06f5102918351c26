using DataLayer.Protocol;
using Xunit;

namespace DataLayer.LoadTest.Tests;

public sealed class AckReaderTests
{
    [Fact]
    public void Read_answersInPieces_keepsTheRestForLater()
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteWelcome(writer, "server", 41, 1, 2, 3);
        MessageEncoder.WriteAck(writer, 42);
        var whole = writer.LengthBytes;
        MessageEncoder.WriteAck(writer, 70_000);
        var reader = new AckReader();
        Assert.Equal(whole, reader.Read(writer.Written[..^1]));
        Assert.True(reader.IsWelcomed);
        Assert.Equal((41, 42), (reader.WelcomeSeq, reader.AckedSeq));
        Assert.Equal(writer.LengthBytes - whole, reader.Read(writer.Written[whole..]));
        Assert.Equal(70_000, reader.AckedSeq);
        Assert.Null(reader.Error);
    }

    [Fact]
    public void Read_error_isKept()
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteError(writer, 7, ErrorCode.StorageFull, "full");
        var reader = new AckReader();
        reader.Read(writer.Written);
        Assert.Equal("Error 7 for batch 7: full", reader.Error);
    }

    [Theory]
    [InlineData("c1")]
    [InlineData("9101")]
    [InlineData("80")]
    public void Read_whatIsNoAnswer_isAnError(string hex)
    {
        var reader = new AckReader();
        reader.Read(Convert.FromHexString(hex));
        Assert.NotNull(reader.Error);
    }
}
