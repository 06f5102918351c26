using BenchmarkDotNet.Attributes;
using DataLayer.Engines.Lake;

namespace DataLayer.Bench;

/// <summary>Samples to a Parquet file on one core: 10,000 series with 1,000 samples each. The unit is one sample.</summary>
[MemoryDiagnoser]
public class ParquetWriteBenchmarks
{
    private const int Series = 10_000;
    private const int PerSeries = 1_000;

    private readonly SampleRowBuffer _buffer = new();
    private readonly LakeOptions _options = new() { Directory = "" };
    private readonly long[] _times = [.. Enumerable.Range(0, PerSeries).Select(at => 1_772_359_200_000_000L + (at * 1_000_000L))];
    private readonly double[] _values = new double[Series * PerSeries];
    private string _path = "";

    /// <summary>A random walk with two decimals, a constant, a counter with a fixed step, and doubles of full precision.</summary>
    [Params("walk", "constant", "counter", "random")]
    public string Shape { get; set; } = "walk";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        for (var series = 0; series < Series; series++)
        {
            var level = random.Next(10_000);
            for (var at = 0; at < PerSeries; at++)
            {
                level += random.Next(-100, 101);
                _values[(series * PerSeries) + at] = Shape switch
                {
                    "walk" => level / 100.0,
                    "constant" => 5,
                    "counter" => at * 10,
                    _ => random.NextDouble(),
                };
            }
        }

        _path = Path.Combine(Path.GetTempPath(), $"datalayer-bench-{Environment.ProcessId}.parquet");
        if (Write() != Series * PerSeries) throw new InvalidOperationException("not every sample was written");
        Console.WriteLine($"// {Shape}: {new FileInfo(_path).Length / (double)(Series * PerSeries):F3} bytes per sample");
    }

    [Benchmark(OperationsPerInvoke = Series * PerSeries)]
    public long Write()
    {
        using var writer = new SampleFileWriter(_path, _options, new OneMetric(), _buffer);
        sbyte scale = 0;
        for (var series = 0; series < Series; series++) writer.Append(series, _times, _values.AsSpan(series * PerSeries, PerSeries), default, ref scale);
        writer.Close();
        return writer.Rows;
    }

    [GlobalCleanup]
    public void Cleanup() => File.Delete(_path);
}
