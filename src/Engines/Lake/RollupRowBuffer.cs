namespace DataLayer.Engines.Lake;

/// <summary>The rows of one row group of a rollup file as columns. Grows and is used again. Owned by one writer or reader at a time.</summary>
internal sealed class RollupRowBuffer
{
    /// <summary>Sketches are read and written so many rows at a time.</summary>
    public const int SketchRows = 4096;

    public int Count;
    public int[] Metrics = [];
    public int[] Series = [];
    public long[] Starts = [];
    public long[] Counts = [];
    public double[] Sums = [];
    public double[] Mins = [];
    public double[] Maxs = [];
    public long[] FirstTimes = [];
    public double[] Firsts = [];
    public long[] LastTimes = [];
    public double[] Lasts = [];
    public byte[]?[] Sketches = [];
    public bool[] Full = [];

    /// <summary>Empties it, and lets go of the sketches.</summary>
    public void Clear()
    {
        Count = 0;
        Array.Clear(Sketches);
    }

    public void EnsureCapacity(int rows)
    {
        if (rows <= Series.Length) return;
        var size = Math.Max(rows, Math.Max(256, Series.Length * 2));
        Array.Resize(ref Metrics, size);
        Array.Resize(ref Series, size);
        Array.Resize(ref Starts, size);
        Array.Resize(ref Counts, size);
        Array.Resize(ref Sums, size);
        Array.Resize(ref Mins, size);
        Array.Resize(ref Maxs, size);
        Array.Resize(ref FirstTimes, size);
        Array.Resize(ref Firsts, size);
        Array.Resize(ref LastTimes, size);
        Array.Resize(ref Lasts, size);
        Array.Resize(ref Sketches, size);
        Array.Resize(ref Full, size);
    }

    public void Append(int series, in RollupBucket bucket, bool full)
    {
        EnsureCapacity(Count + 1);
        Series[Count] = series;
        Starts[Count] = bucket.Start;
        Counts[Count] = bucket.Count;
        Sums[Count] = bucket.Sum;
        Mins[Count] = bucket.Min;
        Maxs[Count] = bucket.Max;
        FirstTimes[Count] = bucket.FirstTime;
        Firsts[Count] = bucket.First;
        LastTimes[Count] = bucket.LastTime;
        Lasts[Count] = bucket.Last;
        Sketches[Count] = bucket.Sketch;
        Full[Count] = full;
        Count++;
    }

    public RollupBucket this[int row] => new(
        Starts[row], Counts[row], Sums[row], Mins[row], Maxs[row], FirstTimes[row], Firsts[row], LastTimes[row], Lasts[row], Sketches[row]);
}
