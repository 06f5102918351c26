using DataLayer.Fuzzing;

namespace DataLayer.Engines.Tests;

/// <summary>Sketches come from files: bytes that are nearly one are refused, or are one in every respect. See <see cref="Fuzz"/> for the long form.</summary>
public sealed class QuantileSketchFuzzTests
{
    [Fact]
    public void FromBytes_nearlyRight_isASketchOrRefused() => Fuzz.Run(30_000, random => Mutation.Of(random, Sketch(random)), (bytes, _) => Fuzz.Bounded(1 << 20, () =>
    {
        QuantileSketch? sketch = null;
        if (!Fuzz.Succeeds(() => sketch = QuantileSketch.FromBytes(bytes), fault => fault is EngineException)) return;
        Assert.True(sketch!.Count >= 0);
        var before = double.NegativeInfinity;
        foreach (var quantile in new[] { 0, 0.01, 0.5, 0.99, 1 })
        {
            var value = sketch.Quantile(quantile);
            if (sketch.Count == 0) Assert.True(double.IsNaN(value));
            else Assert.True(value >= before && double.IsFinite(value), $"quantile {quantile} is {value} after {before}");
            before = value;
        }

        var again = QuantileSketch.FromBytes(sketch.ToBytes());
        Assert.Equal((sketch.Count, sketch.Quantile(0.5)), (again.Count, again.Quantile(0.5)));
        Assert.Equal(sketch.ToBytes(), again.ToBytes());
        again.Merge(Of([1, -1, 0]));
        Assert.Equal(sketch.Count + 3, again.Count);
    }));

    /// <summary>Found by fuzzing: as a double, such a count is greater than it is.</summary>
    [Fact]
    public void Quantile_countBeyondDoubles_isTheLastBin() => Assert.True(QuantileSketch.FromBytes(Convert.FromHexString("01DDDDDCDDDDDDDDDD010001C0AA0402")).Quantile(1) <= 0);

    private static byte[] Sketch(Random random) => Of([.. Enumerable.Range(0, random.Next(30)).Select(_ => random.Next(6) switch
    {
        0 => 0,
        1 => double.MaxValue,
        2 => -double.MaxValue,
        3 => 1e-300,
        _ => random.NextDouble() - 0.3,
    })]).ToBytes();

    private static QuantileSketch Of(double[] values)
    {
        var sketch = new QuantileSketch();
        foreach (var value in values) sketch.Add(value);
        return sketch;
    }
}
