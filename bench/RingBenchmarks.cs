using BenchmarkDotNet.Attributes;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Ring;

namespace DataLayer.Bench;

/// <summary>One record through the ring: published by this thread, left by two consumers on it. The unit is one record, which carries thousands of samples.</summary>
[MemoryDiagnoser]
public class RingBenchmarks
{
    private const int Records = 1000;

    private readonly RecordRing _ring = new(1024, 0, 2);
    private readonly Record _record = new(64);

    [GlobalSetup]
    public void Fill() => _record.Complete(0, 0, 0);

    [Benchmark(OperationsPerInvoke = Records)]
    public long Publish()
    {
        for (var i = 0; i < Records; i++)
        {
            if (!_ring.TryPublish(_record, out var lsn)) throw new InvalidOperationException("The ring is full.");
            foreach (var consumer in _ring.Consumers) consumer.Advance(lsn);
        }

        return _ring.Claimed;
    }
}
