namespace DataLayer.Ingest.Records;

/// <summary>The samples of one series as columns. Reused from series to series; owned by one thread at a time.</summary>
public sealed class SeriesColumns
{
    public int Series { get; set; } = -1;

    /// <summary>Samples in use: the first <c>Count</c> of each array.</summary>
    public int Count { get; set; }

    /// <summary>
    /// The greatest time of this series that earlier batches may hold (Unix microseconds; long.MinValue: none do).
    /// A sample at or before it may replace a stored one.
    /// </summary>
    public long BaseTime { get; set; } = long.MinValue;

    /// <summary>Unix microseconds.</summary>
    public long[] Times { get; private set; } = new long[64];

    public double[] Values { get; private set; } = new double[64];

    /// <summary>Quality per sample in [0, 1], or null where all are 1.</summary>
    public float[]? Qualities { get; private set; }

    public void Clear()
    {
        Count = 0;
        Qualities = null;
        BaseTime = long.MinValue;
    }

    /// <summary>Makes room for <paramref name="capacity"/> samples, keeping those there are.</summary>
    public void EnsureCapacity(int capacity)
    {
        if (capacity <= Times.Length) return;
        var size = Math.Max(capacity, Times.Length * 2);
        var (times, values) = (Times, Values);
        Array.Resize(ref times, size);
        Array.Resize(ref values, size);
        (Times, Values) = (times, values);
        if (Qualities is { } qualities)
        {
            Array.Resize(ref qualities, size);
            Qualities = qualities;
        }
    }

    public void Append(long time, double value)
    {
        EnsureCapacity(Count + 1);
        Times[Count] = time;
        Values[Count] = value;
        if (Qualities is not null) Qualities[Count] = 1f;
        Count++;
    }

    /// <summary>Sets the quality of the sample at <paramref name="index"/>; the others keep theirs, or 1.</summary>
    public void SetQuality(int index, float quality)
    {
        if (Qualities is null)
        {
            if (quality == 1f) return;
            Qualities = new float[Times.Length];
            Array.Fill(Qualities, 1f);
        }

        Qualities[index] = quality;
    }
}
