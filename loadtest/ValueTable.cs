namespace DataLayer.LoadTest;

/// <summary>
/// Values for the series of one connection, made beforehand for a number of instants and passed through forth and back, so that a walk stays a walk.
/// </summary>
internal sealed class ValueTable
{
    /// <summary>16 MiB of values for each connection at most: far more than a cache holds, far less than memory.</summary>
    private const long MaxValues = 2 << 20;
    private const int MaxInstants = 512;
    private const int MinInstants = 8;

    private readonly double[] _values;
    private readonly ValueShape _shape;
    private readonly int _series;
    private readonly int _instants;

    public ValueTable(ValueShape shape, int series, int seed)
    {
        _shape = shape;
        _series = series;
        _instants = shape == ValueShape.Walk2 ? (int)Math.Clamp(MaxValues / series, MinInstants, MaxInstants) : 1;
        _values = new double[(long)_instants * series];
        var random = new Random(seed);
        for (var i = 0; i < series; i++)
        {
            // Hundredths, so that each value is the double that its two decimals mean.
            var hundredths = shape == ValueShape.Counter ? 0 : random.Next(1_000, 100_000);
            for (var instant = 0; instant < _instants; instant++)
            {
                _values[((long)instant * series) + i] = hundredths / 100.0;
                hundredths += random.Next(-50, 51);
            }
        }
    }

    /// <summary>Copies the values of <paramref name="target"/>.Length series from <paramref name="first"/> on at an instant.</summary>
    public void Fill(long instant, int first, Span<double> target)
    {
        if (_shape == ValueShape.Counter) target.Fill(instant);
        else _values.AsSpan((RowOf(instant) * _series) + first, target.Length).CopyTo(target);
    }

    public double Get(long instant, int series) => _shape == ValueShape.Counter ? instant : _values[(RowOf(instant) * _series) + series];

    private int RowOf(long instant)
    {
        if (_instants == 1) return 0;
        var place = (int)(instant % (2 * (_instants - 1)));
        return place < _instants ? place : (2 * (_instants - 1)) - place;
    }
}
