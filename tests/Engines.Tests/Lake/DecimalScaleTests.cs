using CsCheck;
using DataLayer.Engines.Lake;

namespace DataLayer.Engines.Tests.Lake;

public sealed class DecimalScaleTests
{
    [Fact]
    public void TryScale_decimals_give_back_every_bit() => Gen.Select(Gen.Int[0, 6], Gen.Int[-1, 7], Gen.Long[-(1L << 40), 1L << 40].Array[1, 40]).Sample((digits, guess, whole) =>
    {
        double[] values = [.. whole.Select(k => double.Parse(FormattableString.Invariant($"{k}e-{digits}"), System.Globalization.CultureInfo.InvariantCulture))];
        var scaled = new long[values.Length];
        Assert.True(DecimalScale.TryScale(values, guess, scaled, out var scale));
        Assert.Equal(values, scaled.Select(k => k / DecimalScale.DivisorOf(scale)));
    });

    [Fact]
    public void TryScale_guess_too_fine_for_a_later_value_finds_the_least()
    {
        var scaled = new long[2];
        Assert.True(DecimalScale.TryScale([1.5, 10_989_973_299.98], guess: 6, scaled, out var scale));
        Assert.Equal((2, 150L, 1_098_997_329_998L), (scale, scaled[0], scaled[1]));
    }

    [Fact]
    public void TryScale_any_doubles_are_refused_or_give_back_every_bit() =>
        Gen.Select(Gen.Int[0, 6], Gen.OneOf(Gen.Double, Gen.Int.Select(k => k / 100.0), Gen.Long.Select(BitConverter.Int64BitsToDouble)).Array[1, 12]).Sample((guess, values) =>
        {
            var scaled = new long[values.Length];
            if (!DecimalScale.TryScale(values, guess, scaled, out var scale)) return;
            Assert.Equal(values.Select(BitConverter.DoubleToInt64Bits), scaled.Select(k => BitConverter.DoubleToInt64Bits(k / DecimalScale.DivisorOf(scale))));
        });

    [Theory]
    [InlineData(5.0, 0)]
    [InlineData(-0.5, 1)]
    [InlineData(0.25, 2)]
    [InlineData(1.000001, 6)]
    [InlineData(2251799813685247.0, 0)]
    public void TryScale_takes_the_least_scale(double value, int expected)
    {
        double[] values = [0, value, 1, 2, 3, value];
        Assert.True(DecimalScale.TryScale(values, 0, new long[values.Length], out var scale));
        Assert.Equal(expected, scale);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-0.0)]
    [InlineData(1.0000001)]
    [InlineData(1 / 3.0)]
    [InlineData(2251799813685248.0)]
    [InlineData(1e300)]
    public void TryScale_one_value_that_does_not_fit_refuses_the_run(double odd)
    {
        for (var at = 0; at < 9; at++)
        {
            double[] values = [1, 2, 3, 4, 5, 6, 7, 8, 9];
            values[at] = odd;
            Assert.False(DecimalScale.TryScale(values, 2, new long[values.Length], out _));
        }

        double[] stale = [1, BitConverter.Int64BitsToDouble(0x7FF0000000000002)];
        Assert.False(DecimalScale.TryScale(stale, 0, new long[2], out _));
    }

    [Fact]
    public void TryScale_empty_run_fits() => Assert.True(DecimalScale.TryScale([], 0, [], out _));
}
