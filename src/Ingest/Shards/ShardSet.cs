using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Shards;

/// <summary>All shards and the memory they share. Made before recovery, which replays the log into them on one thread; then owned by the pipeline.</summary>
internal sealed class ShardSet
{
    /// <param name="count">Shards; 0: one per core.</param>
    /// <param name="storedTimes">By series number, up to which time (Unix microseconds) the lake may hold its samples.</param>
    public ShardSet(int count, long hotBytesMax, long[] storedTimes)
    {
        Slabs = new SlabPool(hotBytesMax);
        Shards = new Shard[count > 0 ? count : Environment.ProcessorCount];
        for (var i = 0; i < Shards.Length; i++)
        {
            Shards[i] = new Shard(i, Shards.Length, Slabs, storedTimes);
        }
    }

    public Shard[] Shards { get; }

    public SlabPool Slabs { get; }

    /// <summary>The greatest schema number used in replay.</summary>
    public uint LastSchema { get; private set; }

    /// <summary>A schema read from the log.</summary>
    public Schema RestoreSchema(uint number, int[] series)
    {
        LastSchema = Math.Max(LastSchema, number);
        return new Schema(number, series, Shards.Length);
    }

    /// <summary>Applies a record read from the log.</summary>
    public void Replay(Record record)
    {
        foreach (var shard in Shards) shard.Apply(record);
    }
}
