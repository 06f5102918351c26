using System.Net;
using DataLayer.Daemon.Options;
using Xunit;

namespace DataLayer.Daemon.Tests.Options;

public sealed class OptionTextTests
{
    [Theory]
    [InlineData("10", 10L)]
    [InlineData("64 KiB", 65536L)]
    [InlineData("64kib", 65536L)]
    [InlineData("1.5 MiB", 1572864L)]
    [InlineData("2GB", 2_000_000_000L)]
    [InlineData("1_000", 1000L)]
    public void TryParse_sizes(string text, long expected)
    {
        Assert.True(OptionText.TryParse(typeof(long), isBytes: true, text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("ten")]
    [InlineData("1 XB")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    [InlineData("99999999 TiB")]
    public void TryParse_notASize_isRefused(string text) => Assert.False(OptionText.TryParse(typeof(long), isBytes: true, text, out _));

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("10 s", 10_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("00:00:02", 2_000)]
    [InlineData("0", 0)]
    public void TryParse_durations(string text, double milliseconds)
    {
        Assert.True(OptionText.TryParse(typeof(TimeSpan), isBytes: false, text, out var value));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
    }

    [Theory]
    [InlineData("10")]
    [InlineData("-5 s")]
    [InlineData("s")]
    [InlineData("5 weeks")]
    public void TryParse_notADuration_isRefused(string text) => Assert.False(OptionText.TryParse(typeof(TimeSpan), isBytes: false, text, out _));

    [Theory]
    [InlineData("127.0.0.1:7400", "127.0.0.1:7400")]
    [InlineData("localhost:1", "127.0.0.1:1")]
    [InlineData("*:80", "0.0.0.0:80")]
    [InlineData("[::1]:7401", "[::1]:7401")]
    public void TryParse_addresses(string text, string expected)
    {
        Assert.True(OptionText.TryParse(typeof(IPEndPoint), isBytes: false, text, out var value));
        Assert.Equal(expected, value.ToString());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("example.org:80")]
    [InlineData("127.0.0.1:99999")]
    public void TryParse_notAnAddress_isRefused(string text) => Assert.False(OptionText.TryParse(typeof(IPEndPoint), isBytes: false, text, out _));
}
