using DataLayer.LoadTest.Soak;
using Xunit;

namespace DataLayer.LoadTest.Tests.Soak;

public sealed class SoakVerdictTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(1.9, true)]
    [InlineData(2.1, false)]
    [InlineData(-5, true)]
    public void Of_steadyGrowth_isMeasuredOverTheSecondHalf(double perSecond, bool isFlat)
    {
        // From 50 s to 99 s: 49 seconds.
        var verdict = SoakVerdict.Of("memory", Samples(second => 1000 + (perSecond * second)), sample => sample.ResidentBytes, 0, 98);
        Assert.Equal(perSecond * 49, verdict.Growth, 1.0);
        Assert.Equal(isFlat, verdict.IsFlat);
    }

    [Fact]
    public void Of_growthInTheFirstHalf_doesNotCount() =>
        Assert.True(SoakVerdict.Of("memory", Samples(second => Math.Min(second, 50) * 1e6), sample => sample.ResidentBytes, 0, 1).IsFlat);

    [Fact]
    public void Of_part_isOfTheMean()
    {
        var samples = Samples(second => 1000 + second);
        Assert.True(SoakVerdict.Of("memory", samples, sample => sample.ResidentBytes, 0.1, 0).IsFlat);
        Assert.False(SoakVerdict.Of("memory", samples, sample => sample.ResidentBytes, 0.01, 0).IsFlat);
    }

    [Fact]
    public void Of_nothing_isFlat() => Assert.True(SoakVerdict.Of("memory", [], sample => sample.ResidentBytes, 0, 0).IsFlat);

    private static SoakSample[] Samples(Func<int, double> resident) => [.. Enumerable.Range(0, 100).Select(second => new SoakSample(second, (long)resident(second), 1, 1, 1, 1, 1))];
}
