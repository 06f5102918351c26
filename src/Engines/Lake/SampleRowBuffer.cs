namespace DataLayer.Engines.Lake;

/// <summary>
/// The columns of one row group of samples, as Parquet holds them: nullable columns are packed, with a definition level per row.
/// Grows to the row group's size and is used again. Owned by one writer or reader at a time.
/// </summary>
internal sealed class SampleRowBuffer
{
    public int Count;
    public int ValueCount;
    public int ScaledCount;

    public int[] Metrics = [];
    public int[] Series = [];
    public long[] Times = [];
    public short[] ValueLevels = [];
    public double[] Values = [];
    public short[] ScaledLevels = [];
    public long[] Scaled = [];
    public double[] Divisors = [];
    public float[] Qualities = [];

    public void Clear() => Count = ValueCount = ScaledCount = 0;

    public void EnsureCapacity(int rows)
    {
        if (rows <= Series.Length) return;
        var size = Math.Max(rows, Math.Max(1024, Series.Length * 2));
        Array.Resize(ref Metrics, size);
        Array.Resize(ref Series, size);
        Array.Resize(ref Times, size);
        Array.Resize(ref ValueLevels, size);
        Array.Resize(ref Values, size);
        Array.Resize(ref ScaledLevels, size);
        Array.Resize(ref Scaled, size);
        Array.Resize(ref Divisors, size);
        Array.Resize(ref Qualities, size);
    }

    /// <summary>Appends samples of one series; <paramref name="guess"/> is the series' last scale and becomes the one used.</summary>
    public void Append(int series, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities, ref sbyte guess)
    {
        var count = times.Length;
        EnsureCapacity(Count + count);
        Series.AsSpan(Count, count).Fill(series);
        times.CopyTo(Times.AsSpan(Count));
        if (qualities.IsEmpty) Qualities.AsSpan(Count, count).Fill(1f);
        else qualities.CopyTo(Qualities.AsSpan(Count));
        var isScaled = DecimalScale.TryScale(values, guess, Scaled.AsSpan(ScaledCount), out var scale);
        if (isScaled)
        {
            guess = (sbyte)scale;
            ScaledCount += count;
        }
        else
        {
            values.CopyTo(Values.AsSpan(ValueCount));
            ValueCount += count;
        }

        Divisors.AsSpan(Count, count).Fill(isScaled ? DecimalScale.DivisorOf(scale) : 1);
        ScaledLevels.AsSpan(Count, count).Fill(isScaled ? (short)1 : (short)0);
        ValueLevels.AsSpan(Count, count).Fill(isScaled ? (short)0 : (short)1);
        Count += count;
    }
}
