namespace DataLayer.Ingest.Records;

/// <summary>The part of a schema that one shard owns: <c>Columns[i]</c> of a row goes to <c>Slots[i]</c> of the shard.</summary>
public readonly record struct ShardSplit(int[] Columns, int[] Slots);
