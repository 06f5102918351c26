namespace DataLayer.Ingest.Records;

/// <summary>
/// An agent's list of series, in the order of its rows, split by shard once when it is declared.
/// Made by a session (or by recovery), immutable after that, read by every shard and by the log.
/// </summary>
public sealed class Schema
{
    /// <summary>Splits <paramref name="series"/> (series numbers, in row order) over <paramref name="shardCount"/> shards.</summary>
    /// <param name="number">The schema's number in the log: unique within a segment, never reused in one run of the daemon.</param>
    /// <param name="series">Series number per column; -1 where the series was refused (its samples are rejected, its neighbours kept).</param>
    /// <param name="shardCount">Number of shards of this daemon.</param>
    public Schema(uint number, int[] series, int shardCount)
    {
        Number = number;
        Series = series;
        Splits = new ShardSplit[shardCount];
        var columns = new List<int>[shardCount];
        for (var shard = 0; shard < shardCount; shard++) columns[shard] = [];
        for (var column = 0; column < series.Length; column++)
        {
            if (series[column] >= 0) columns[ShardMap.ShardOf(series[column], shardCount)].Add(column);
        }

        for (var shard = 0; shard < shardCount; shard++)
        {
            var own = columns[shard].ToArray();
            var slots = Array.ConvertAll(own, column => ShardMap.SlotOf(series[column], shardCount));
            Splits[shard] = new ShardSplit(own, slots);
        }
    }

    public uint Number { get; }

    /// <summary>Series number per column; -1 where refused.</summary>
    public int[] Series { get; }

    public int ColumnCount => Series.Length;

    /// <summary>Per shard: which columns are its own, and their slots there.</summary>
    public ShardSplit[] Splits { get; }

    /// <summary>The segment in which this schema was last written. Owned by: the commit thread.</summary>
    public long LoggedInSegment { get; set; } = -1;
}
