namespace DataLayer.Ingest.Records;

/// <summary>
/// Which shard owns a series. Numbers are given out one after the other, so taking them modulo the number of shards
/// spreads them evenly, keeps each shard's slots dense, and survives a change of the number of shards between runs.
/// </summary>
public static class ShardMap
{
    public static int ShardOf(int series, int shardCount) => (int)((uint)series % (uint)shardCount);

    public static int SlotOf(int series, int shardCount) => (int)((uint)series / (uint)shardCount);

    public static int SeriesOf(int shard, int slot, int shardCount) => (slot * shardCount) + shard;
}
