using CsCheck;
using DataLayer.Query.Answers;
using Xunit;

namespace DataLayer.Query.Tests;

public sealed class TimeExpressionTests
{
    private static readonly DateTimeOffset Now = new(2025, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private const long NowMicros = 1_763_899_200_000_000;

    [Theory]
    [InlineData("now", NowMicros)]
    [InlineData(" now ", NowMicros)]
    [InlineData("2025-11-23T12:00:00Z", NowMicros)]
    [InlineData("2025-11-23T12:00:00", NowMicros)]
    [InlineData("2025-11-23 12:00:00", NowMicros)]
    [InlineData("2025-11-23T13:00:00+01:00", NowMicros)]
    [InlineData("2025-11-23T12:00:00.123456Z", NowMicros + 123_456)]
    [InlineData("2025-11-23T12:00Z", NowMicros)]
    [InlineData("2025-11-23", NowMicros - (12L * 3_600_000_000))]
    [InlineData("1763899200", NowMicros)]
    [InlineData("1763899200.25", NowMicros + 250_000)]
    [InlineData("1763899200.123456", NowMicros + 123_456)]
    [InlineData("0", 0)]
    [InlineData("-1.5", -1_500_000)]
    [InlineData("-1h", NowMicros - 3_600_000_000)]
    [InlineData("-15m30s", NowMicros - 930_000_000)]
    [InlineData("-7d", NowMicros - (7L * 86_400_000_000))]
    [InlineData("now-1w", NowMicros - (7L * 86_400_000_000))]
    [InlineData("now - 500ms", NowMicros - 500_000)]
    [InlineData("+5m", NowMicros + 300_000_000)]
    public void Parse_time_isMicros(string text, long expected) => Assert.Equal(expected, TimeExpression.Parse(text, Now, "start"));

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("-1y")]
    [InlineData("-h")]
    [InlineData("now1h")]
    [InlineData("now-5")]
    [InlineData("2025-13-01T00:00:00Z")]
    [InlineData("2025-11-23T25:00:00Z")]
    [InlineData("1e9")]
    [InlineData("NaN")]
    [InlineData("999999999999999")]
    [InlineData("-99999999999999999999d")]
    public void Parse_noTime_saysWhichAndHow(string text)
    {
        var error = Assert.Throws<QueryException>(() => TimeExpression.Parse(text, Now, "start"));
        Assert.Equal(QueryErrorKind.BadRequest, error.Kind);
        Assert.StartsWith("start: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("15s", 15_000_000)]
    [InlineData("1m", 60_000_000)]
    [InlineData("1h30m", 5_400_000_000)]
    [InlineData("0.5", 500_000)]
    [InlineData("60", 60_000_000)]
    [InlineData("1.5h", 5_400_000_000)]
    [InlineData("250us", 250)]
    public void ParseDuration_duration_isMicros(string text, long expected) => Assert.Equal(expected, TimeExpression.ParseDuration(text, "step"));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0s")]
    [InlineData("-5s")]
    [InlineData("5 parsecs")]
    [InlineData("s")]
    [InlineData("5m3")]
    public void ParseDuration_none_isBadRequest(string text) =>
        Assert.Equal(QueryErrorKind.BadRequest, Assert.Throws<QueryException>(() => TimeExpression.ParseDuration(text, "step")).Kind);

    [Fact]
    public void TimeFormat_anyTime_readsBack()
    {
        var times = Gen.Long[-60_000_000_000_000_000, 250_000_000_000_000_000];
        times.Sample(micros =>
        {
            var text = new byte[TimeFormat.MaxBytes];
            Assert.Equal(micros, TimeExpression.Parse(System.Text.Encoding.ASCII.GetString(text, 0, TimeFormat.Rfc3339(micros, text)), Now, "x"));
            Assert.Equal(micros, TimeExpression.Parse(System.Text.Encoding.ASCII.GetString(text, 0, TimeFormat.UnixSeconds(micros, text)), Now, "x"));
        });
    }

    [Fact]
    public void TryParse_anyText_neverThrows() => Gen.String[0, 20].Sample(text => { TimeExpression.TryParse(text, Now, out _); });
}
