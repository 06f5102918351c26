namespace DataLayer.Engines.Lake;

/// <summary>All rows of a row group of samples, decoded, as the cache keeps them: nobody writes to them.</summary>
/// <param name="Qualities">Empty where all are 1.</param>
internal sealed record SampleGroupColumns(int[] Series, long[] Times, double[] Values, float[] Qualities)
{
    /// <summary>A row's bytes; the quality, which is rarely there, not counted.</summary>
    public const int RowBytes = sizeof(int) + sizeof(long) + sizeof(double);

    public long Bytes => ((long)Series.Length * RowBytes) + ((long)Qualities.Length * sizeof(float));

    /// <summary>Decodes the row group whose series the reader has just read.</summary>
    public static SampleGroupColumns Read(SampleRowReader reader, ReadOnlySpan<int> series)
    {
        reader.ReadRows(0, series.Length);
        var qualities = reader.Qualities(0, series.Length);
        return new SampleGroupColumns(
            [.. series], [.. reader.Times(0, series.Length)], [.. reader.Values(0, series.Length)], qualities.ContainsAnyExcept(1f) ? [.. qualities] : []);
    }
}
