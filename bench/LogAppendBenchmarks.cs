using BenchmarkDotNet.Attributes;
using DataLayer.Ingest;
using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;

namespace DataLayer.Bench;

/// <summary>
/// One commit of the log on a real disk: a record of rows, appended and flushed. The unit is one sample. Files are recycled as in a running daemon whose lake keeps up.
/// The folder is that of DATALAYER_BENCH_DIR, else the system's temporary one: mind that it is not in memory.
/// </summary>
[MemoryDiagnoser]
public class LogAppendBenchmarks
{
    private const int Columns = 100;

    /// <summary>Samples in a commit: 8 KiB, 256 KiB and 4 MiB.</summary>
    [Params(1_000, 32_000, 512_000)]
    public int Samples { get; set; }

    private string _folder = "";
    private RecordLog _log = null!;
    private Record _record = null!;

    [GlobalSetup]
    public void Open()
    {
        _folder = Path.Combine(Environment.GetEnvironmentVariable("DATALAYER_BENCH_DIR") ?? Path.GetTempPath(), $"datalayer-bench-{Guid.NewGuid():N}");
        var storage = new DiskStorage(_folder);
        var queue = new DefinitionQueue();
        var agents = new AgentTable(queue);
        var definitions = DefinitionsFile.Load(storage, (_, _, _) => { });
        var recovered = new LogRecoveryResult { LastLsn = 0 };
        _log = RecordLog.Open(storage, new IngestOptions(), queue, definitions, agents, recovered);
        _record = Filled(Samples);

        // Twice around, so that the files are recycled ones.
        for (var i = 0; i < 40 + ((256 << 20) / _record.LengthBytes / 16); i++) Commit();
        if (_log.DurableLsn != _log.LastLsn) throw new InvalidOperationException("The log is not durable after a commit.");
    }

    [GlobalCleanup]
    public void Close()
    {
        _log.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public long Commit()
    {
        _record.Seal(_log.LastLsn + 1);
        _log.Append(_record);
        _log.Commit();
        if (_log.SegmentCount > 1) _log.Release(_log.DurableLsn);
        return _log.DurableLsn;
    }

    private static Record Filled(int samples)
    {
        var schema = new Schema(1, [.. Enumerable.Range(0, Columns)], 1);
        var record = new Record(1 << 16);
        var values = new byte[8 * Columns];
        new Random(1).NextBytes(values);
        for (var row = 0; row < samples / Columns; row++) record.AddRow(schema, row, values, Columns);
        record.Complete(0, 0, 0);
        return record;
    }
}
