namespace DataLayer.Engines;

/// <summary>Rows from … to (exclusive) of some columns, ascending by start.</summary>
public readonly record struct RollupSlice(RollupRows Rows, int From, int To);
