using System.Numerics;

namespace DataLayer.LoadTest;

/// <summary>
/// Values for the series of one connection, a function of the instant: the sum of two random walks made beforehand, which are passed through forth and
/// back at periods that hardly ever meet. So a walk stays a walk, no part of it comes again soon (a compressor would find it), and its steps have 0.95 bytes of entropy.
/// </summary>
internal sealed class ValueTable
{
    /// <summary>16 MiB for each connection at most: far more than a cache holds, far less than memory.</summary>
    private const long MaxValues = 2 << 20;
    private const int MaxInstants = 512;
    private const int MinInstants = 8;

    /// <summary>Of one walk, in hundredths, either way: the sum of two such steps takes log2(121) + 0.72 = 7.64 bits.</summary>
    private const int StepMax = 60;

    private readonly int[] _first;
    private readonly int[] _second;
    private readonly ValueShape _shape;
    private readonly int _series;
    private readonly int _instants;

    public ValueTable(ValueShape shape, int series, int seed)
    {
        _shape = shape;
        _series = series;
        _instants = shape == ValueShape.Walk2 ? (int)Math.Clamp(MaxValues / series, MinInstants, MaxInstants) : 1;
        var random = new Random(seed);
        _first = Walks(random, _instants, shape == ValueShape.Counter ? 0 : 100_000);
        _second = Walks(random, Math.Max(1, _instants - 1), 0);
    }

    /// <summary>Writes the values of <paramref name="target"/>.Length series from <paramref name="first"/> on at an instant.</summary>
    public void Fill(long instant, int first, Span<double> target)
    {
        if (_shape == ValueShape.Counter)
        {
            target.Fill(instant);
            return;
        }

        var one = Row(_first, instant).Slice(first, target.Length);
        var other = Row(_second, instant).Slice(first, target.Length);
        var at = 0;
        for (; at <= target.Length - Vector<int>.Count; at += Vector<int>.Count)
        {
            Vector.Widen(new Vector<int>(one[at..]) + new Vector<int>(other[at..]), out var low, out var high);
            (Vector.ConvertToDouble(low) / new Vector<double>(100)).CopyTo(target[at..]);
            (Vector.ConvertToDouble(high) / new Vector<double>(100)).CopyTo(target[(at + Vector<double>.Count)..]);
        }

        for (; at < target.Length; at++) target[at] = (one[at] + other[at]) / 100.0;
    }

    /// <summary>Hundredths over 100, so that each value is the double that its two decimals mean.</summary>
    public double Get(long instant, int series) => _shape == ValueShape.Counter ? instant : (Row(_first, instant)[series] + Row(_second, instant)[series]) / 100.0;

    private int[] Walks(Random random, int instants, int levels)
    {
        var walks = new int[instants * _series];
        for (var i = 0; i < _series; i++)
        {
            var hundredths = levels > 0 ? random.Next(1_000, levels) : 0;
            for (var instant = 0; instant < instants; instant++)
            {
                walks[(instant * _series) + i] = hundredths;
                hundredths += random.Next(-StepMax, StepMax + 1);
            }
        }

        return walks;
    }

    private ReadOnlySpan<int> Row(int[] walks, long instant)
    {
        var instants = walks.Length / _series;
        if (instants == 1) return walks;
        var place = (int)(instant % (2 * (instants - 1)));
        return walks.AsSpan((place < instants ? place : (2 * (instants - 1)) - place) * _series, _series);
    }
}
