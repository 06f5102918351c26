using System.Buffers;

namespace DataLayer.Engines;

/// <summary>
/// A DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", PVLDB 12(12), 2019):
/// quantiles with a relative error of at most 1 %, in a bounded number of bins. Not thread-safe.
/// </summary>
/// <remarks>
/// The error is guaranteed while the values of one sign lie within a factor of e^40 (2048 bins of 2 %); beyond that the values nearest to zero share a bin.
/// </remarks>
public sealed class QuantileSketch
{
    /// <summary>The greatest relative error of a quantile.</summary>
    public const double RelativeError = 0.01;

    /// <summary>Bins per sign.</summary>
    public const int BinsMax = 2048;

    private const byte Format = 1;

    // Below this a value counts as zero: its bin would be about the last.
    private const double LeastMagnitude = 1e-300;

    /// <summary>Beyond the bins of the greatest and least doubles: ln(1.8e308) / ln(1.0202) = 35,488.</summary>
    private const int BinMax = 36_000;

    // Sums of a few of these stay within 64 bits.
    private const long CountMax = long.MaxValue / 4;

    private static readonly double Gamma = (1 + RelativeError) / (1 - RelativeError);
    private static readonly double LogGamma = Math.Log(Gamma);

    private readonly SortedList<int, long> _positive = [];
    private readonly SortedList<int, long> _negative = [];
    private long _zero;

    /// <summary>Values added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a value; NaN is left out, infinities count as the greatest double.</summary>
    public void Add(double value)
    {
        if (double.IsNaN(value)) return;
        var magnitude = Math.Min(Math.Abs(value), double.MaxValue);
        Count++;
        if (magnitude < LeastMagnitude) _zero++;
        else Add(value > 0 ? _positive : _negative, (int)Math.Ceiling(Math.Log(magnitude) / LogGamma), 1);
    }

    public void Merge(QuantileSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (bin, count) in other._positive) Add(_positive, bin, count);
        foreach (var (bin, count) in other._negative) Add(_negative, bin, count);
        _zero += other._zero;
        Count += other.Count;
    }

    public void Clear()
    {
        _positive.Clear();
        _negative.Clear();
        _zero = 0;
        Count = 0;
    }

    /// <summary>The value of which a share of <paramref name="quantile"/> (0 … 1) is not above; NaN when empty.</summary>
    public double Quantile(double quantile)
    {
        if (Count == 0) return double.NaN;
        var rank = Math.Min(Count - 1, (long)(Math.Clamp(quantile, 0, 1) * (Count - 1))); // As a double, a count beyond 2^53 may be one too great.
        for (var at = _negative.Count - 1; at >= 0; at--)
        {
            rank -= _negative.Values[at];
            if (rank < 0) return -ValueOf(_negative.Keys[at]);
        }

        rank -= _zero;
        if (rank < 0) return 0;
        foreach (var (bin, count) in _positive)
        {
            rank -= count;
            if (rank < 0) return ValueOf(bin);
        }

        return ValueOf(_positive.Keys[^1]);
    }

    /// <summary>Format byte, then varints: zeros, and for each sign the number of bins and per bin its distance from the one before (zigzag) and its count.</summary>
    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        buffer.Write([Format]);
        WriteVarint(buffer, (ulong)_zero);
        WriteBins(buffer, _positive);
        WriteBins(buffer, _negative);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Throws <see cref="EngineException"/> where the bytes are no sketch: they come from files alone.</summary>
    public static QuantileSketch FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] != Format) throw Damaged("not a quantile sketch of a known format");
        bytes = bytes[1..];
        var sketch = new QuantileSketch { _zero = ReadCount(ref bytes) };
        sketch.Count = sketch._zero;
        ReadBins(ref bytes, sketch._positive, sketch);
        ReadBins(ref bytes, sketch._negative, sketch);
        if (!bytes.IsEmpty) throw Damaged("bytes after the end of a quantile sketch");
        return sketch;
    }

    private static double ValueOf(int bin) => 2 * Math.Exp(bin * LogGamma) / (Gamma + 1) is var value && double.IsInfinity(value) ? double.MaxValue : value;

    private static void Add(SortedList<int, long> bins, int bin, long count)
    {
        bins[bin] = bins.GetValueOrDefault(bin) + count;
        if (bins.Count <= BinsMax) return;
        var least = bins.Values[0];
        bins.RemoveAt(0);
        bins.SetValueAtIndex(0, bins.Values[0] + least);
    }

    private static void WriteBins(ArrayBufferWriter<byte> buffer, SortedList<int, long> bins)
    {
        WriteVarint(buffer, (ulong)bins.Count);
        var before = 0;
        foreach (var (bin, count) in bins)
        {
            var delta = bin - before;
            WriteVarint(buffer, (ulong)(uint)((delta << 1) ^ (delta >> 31)));
            WriteVarint(buffer, (ulong)count);
            before = bin;
        }
    }

    private static void ReadBins(ref ReadOnlySpan<byte> bytes, SortedList<int, long> bins, QuantileSketch sketch)
    {
        var count = ReadVarint(ref bytes);
        if (count > BinsMax) throw Damaged("too many bins in a quantile sketch");
        var bin = 0L;
        for (var at = 0UL; at < count; at++)
        {
            var zigzag = ReadVarint(ref bytes);
            if (zigzag > uint.MaxValue) throw Damaged("a bin out of range in a quantile sketch");
            bin += (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
            if (Math.Abs(bin) > BinMax) throw Damaged("a bin out of range in a quantile sketch");
            var samples = ReadCount(ref bytes);
            if (!bins.TryAdd((int)bin, samples)) throw Damaged("a bin twice in a quantile sketch");
            sketch.Count += samples;
            if (sketch.Count > CountMax) throw Damaged("too many samples in a quantile sketch");
        }
    }

    private static long ReadCount(ref ReadOnlySpan<byte> bytes) =>
        ReadVarint(ref bytes) is <= CountMax and var count ? (long)count : throw Damaged("too many samples in a quantile sketch");

    private static EngineException Damaged(string what) => new($"the lake is damaged: {what}; datalayer verify says which file", isTransient: false);

    private static void WriteVarint(ArrayBufferWriter<byte> buffer, ulong value)
    {
        while (value >= 0x80)
        {
            buffer.Write([(byte)(value | 0x80)]);
            value >>= 7;
        }

        buffer.Write([(byte)value]);
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var (at, shift) = (0, 0); at < bytes.Length && shift < 64; at++, shift += 7)
        {
            if (shift == 63 && bytes[at] > 1) throw Damaged("a number out of range in a quantile sketch");
            value |= (ulong)(bytes[at] & 0x7f) << shift;
            if (bytes[at] >= 0x80) continue;
            bytes = bytes[(at + 1)..];
            return value;
        }

        throw Damaged("a quantile sketch ends early");
    }
}
