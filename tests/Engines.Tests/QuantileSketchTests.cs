using CsCheck;

namespace DataLayer.Engines.Tests;

public sealed class QuantileSketchTests
{
    private static readonly Gen<double[]> GenValues =
        Gen.OneOf(Gen.Double[-1e6, 1e6], Gen.Double[1e-9, 1e-6], Gen.Int[-5, 5].Select(value => (double)value), Gen.Double[0.5, 2]).Array[1, 300];

    [Fact]
    public void Quantile_any_values_are_within_the_stated_error() => GenValues.Sample(values =>
    {
        var sketch = Of(values);
        AssertWithin(values, sketch);
    });

    [Fact]
    public void Merge_parts_equal_the_whole() => Gen.Select(GenValues, GenValues).Sample((one, other) =>
    {
        var merged = Of(one);
        merged.Merge(Of(other));
        Assert.Equal(Of([.. one, .. other]).ToBytes(), merged.ToBytes());
        AssertWithin([.. one, .. other], merged);
    });

    [Fact]
    public void FromBytes_gives_back_the_sketch() => GenValues.Sample(values =>
    {
        var bytes = Of(values).ToBytes();
        var sketch = QuantileSketch.FromBytes(bytes);
        Assert.Equal(values.Length, sketch.Count);
        Assert.Equal(bytes, sketch.ToBytes());
    });

    [Fact]
    public void FromBytes_any_noise_is_a_sketch_or_refused() => Gen.Byte.Array[0, 40].Sample(bytes =>
    {
        if (bytes.Length > 0) bytes[0] = 1;
        try
        {
            QuantileSketch.FromBytes(bytes).Quantile(0.5);
        }
        catch (Exception error) when (error is EngineException)
        {
        }
    });

    [Fact]
    public void FromBytes_cut_short_is_refused()
    {
        var bytes = Of([1, 2, -3, 0]).ToBytes();
        for (var length = 0; length < bytes.Length; length++) Assert.Throws<EngineException>(() => QuantileSketch.FromBytes(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void Add_nan_is_left_out_and_infinities_are_the_ends()
    {
        var sketch = Of([double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0]);
        Assert.Equal(3, sketch.Count);
        Assert.True(sketch.Quantile(1) > 1e308 / 1.02);
        Assert.True(sketch.Quantile(0) < -1e308 / 1.02);
        Assert.Equal(0, sketch.Quantile(0.5));
        Assert.True(double.IsNaN(new QuantileSketch().Quantile(0.5)));
    }

    [Fact]
    public void Add_values_over_all_magnitudes_keep_bins_bounded_and_high_quantiles_right()
    {
        double[] values = [.. Enumerable.Range(-299, 598).SelectMany(power => Enumerable.Range(1, 99).Select(step => step * Math.Pow(10, power)))];
        var sketch = Of(values);
        Assert.True(sketch.ToBytes().Length < QuantileSketch.BinsMax * 8);
        Array.Sort(values);
        var exact = values[(int)(0.99 * (values.Length - 1))];
        Assert.InRange(sketch.Quantile(0.99), exact * 0.99, exact * 1.01);
    }

    private static QuantileSketch Of(double[] values)
    {
        var sketch = new QuantileSketch();
        foreach (var value in values) sketch.Add(value);
        return sketch;
    }

    private static void AssertWithin(double[] values, QuantileSketch sketch)
    {
        double[] sorted = [.. values.Order()];
        foreach (var quantile in new[] { 0, 0.01, 0.25, 0.5, 0.9, 0.99, 1 })
        {
            var exact = sorted[(int)(quantile * (sorted.Length - 1))];
            Assert.InRange(Math.Abs(sketch.Quantile(quantile) - exact), 0, Math.Abs(exact) * QuantileSketch.RelativeError * 1.0000001);
        }
    }
}
