using System.Runtime.InteropServices;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;

namespace DataLayer.Bench;

/// <summary>A record of rows, filled and applied by two shards on one thread: hot store and running aggregates. Generations are sealed and dropped as by a lake that keeps up.</summary>
internal sealed class ShardStage : IHotStage
{
    private const int Columns = 1000;
    private const int Schemas = 10;
    private const int Rows = 32;
    private const int SealEvery = 60;

    private readonly ShardSet _shards = new(2, 1L << 30, []);
    private readonly Schema[] _schemas;
    private readonly Record _record = new(1 << 20);
    private readonly byte[] _values = MemoryMarshal.AsBytes<double>(Enumerable.Range(0, Columns).Select(i => i * 0.25).ToArray()).ToArray();
    private long _time = 1_704_067_200_000_000;
    private long _runs;

    public ShardStage() =>
        _schemas = [.. Enumerable.Range(0, Schemas).Select(schema => new Schema((uint)schema, [.. Enumerable.Range(schema * Columns, Columns)], 2))];

    public string Name => "shard rows";

    public long Run()
    {
        foreach (var schema in _schemas)
        {
            _record.Clear();
            for (var row = 0; row < Rows; row++) _record.AddRow(schema, _time + row, _values, Columns);
            _record.Complete(0, 0, _time);
            _record.SealsBefore = _runs % SealEvery == 0 && schema == _schemas[0];
            _record.Seal(++_runs);
            _shards.Replay(_record);
        }

        foreach (var shard in _shards.Shards) shard.Drop(_runs - Schemas);
        _time += Rows;
        return Schemas * Rows * Columns;
    }

    public void Dispose()
    {
    }
}
