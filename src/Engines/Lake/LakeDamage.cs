using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>What a damaged Parquet file throws at its reader, said in the lake's own words. Checksums of pages are checked by verify alone, so a query may meet damage anywhere.</summary>
internal static class LakeDamage
{
    /// <summary>A writer of ours makes row groups of 131,072 rows; a footer that says much more is damaged, and must not decide how much memory is taken.</summary>
    private const int RowsMax = 1 << 20;

    /// <summary>The rows of a row group. Throws <see cref="OverflowException"/> for a number that no writer of ours makes.</summary>
    public static int Rows(RowGroupReader group) =>
        group.MetaData.NumRows is >= 0 and <= RowsMax and var rows ? (int)rows : throw new OverflowException($"a row group of {group.MetaData.NumRows} rows");

    /// <summary>Whether it comes from what is in the file: broken structure, columns of other types, counts that do not fit together.</summary>
    public static bool IsDamage(Exception error) =>
        error is ParquetException or OverflowException or InvalidCastException or IndexOutOfRangeException or ArgumentException or FormatException or NotSupportedException;

    public static EngineException Of(string path, Exception error)
    {
        var isDisk = error.Message.Contains("[errno", StringComparison.Ordinal); // How Arrow says what the system refused.
        return new EngineException($"the lake's file {path} cannot be read{(isDisk ? "" : ", it is damaged")}: {error.Message}; datalayer verify checks all files", isDisk, error);
    }
}
