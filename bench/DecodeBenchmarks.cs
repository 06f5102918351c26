using BenchmarkDotNet.Attributes;
using DataLayer.Protocol;

namespace DataLayer.Bench;

/// <summary>Bytes of each kind of message → records of a null pipeline. The unit is one sample; each run checks that all samples came out.</summary>
[MemoryDiagnoser]
public class DecodeBenchmarks
{
    private DecodeStage _stage = null!;

    [GlobalSetup(Target = nameof(Lines))]
    public void SetupLines() => _stage = DecodeStage.Lines();

    [GlobalSetup(Target = nameof(Points))]
    public void SetupPoints() => _stage = DecodeStage.Points();

    [GlobalSetup(Target = nameof(Rows))]
    public void SetupRows() => _stage = DecodeStage.Rows();

    [GlobalSetup(Target = nameof(Blocks))]
    public void SetupBlocks() => _stage = DecodeStage.Blocks();

    [GlobalSetup(Target = nameof(BatchLz4))]
    public void SetupLz4() => _stage = DecodeStage.Batches(BatchCodec.Lz4);

    [GlobalSetup(Target = nameof(BatchZstd))]
    public void SetupZstd() => _stage = DecodeStage.Batches(BatchCodec.Zstd);

    [GlobalCleanup]
    public void Cleanup() => _stage.Dispose();

    [Benchmark(OperationsPerInvoke = 10_000)]
    public long Lines() => _stage.Run();

    [Benchmark(OperationsPerInvoke = 10_000)]
    public long Points() => _stage.Run();

    [Benchmark(OperationsPerInvoke = 100_000)]
    public long Rows() => _stage.Run();

    [Benchmark(OperationsPerInvoke = 100_000)]
    public long Blocks() => _stage.Run();

    [Benchmark(OperationsPerInvoke = 10_000)]
    public long BatchLz4() => _stage.Run();

    [Benchmark(OperationsPerInvoke = 10_000)]
    public long BatchZstd() => _stage.Run();
}
