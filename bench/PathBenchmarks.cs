using BenchmarkDotNet.Attributes;

namespace DataLayer.Bench;

/// <summary>What comes after decoding: the shards alone, and the whole path from bytes to a null log with all its threads. The unit is one sample.</summary>
[MemoryDiagnoser]
public class PathBenchmarks : IDisposable
{
    private IHotStage _stage = null!;

    [GlobalSetup(Target = nameof(ShardRows))]
    public void SetupShard() => _stage = new ShardStage();

    [GlobalSetup(Target = nameof(WholePathRows))]
    public void SetupPath() => _stage = new PathStage();

    [GlobalCleanup]
    public void Dispose()
    {
        _stage.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = 320_000)]
    public long ShardRows() => _stage.Run();

    [Benchmark(OperationsPerInvoke = 256_000)]
    public long WholePathRows() => _stage.Run();
}
