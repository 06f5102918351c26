using System.Runtime.CompilerServices;

namespace DataLayer.Engines.Lake;

/// <summary>
/// The columns of one row group of a rollup file that a query wants, from the cache or, where they are not there, from the file, which is opened when
/// first needed. Used for one file after the other. Owned by one thread.
/// </summary>
/// <param name="cache">Null: this query is too large for it.</param>
internal sealed class RollupGroup(ColumnCache? cache, RollupFields fields) : IDisposable
{
    private readonly RollupRowBuffer _own = new();
    private LakeFile? _file;
    private RollupRowReader? _reader;
    private int _group;
    private int _rows;
    private long[] _counts = [];
    private double[]? _sums;
    private double[]? _mins;
    private double[]? _maxs;
    private long[]? _firstTimes;
    private double[]? _firsts;
    private long[]? _lastTimes;
    private double[]? _lasts;
    private bool[] _full = [];

    public int[] Series { get; private set; } = [];

    public long[] Starts { get; private set; } = [];

    public RollupRowReader Reader => _reader ??= new RollupRowReader(_file!.Path);

    public void Open(LakeFile file)
    {
        Close();
        _file = file;
    }

    public void Read(int group, int rows)
    {
        (_group, _rows) = (group, rows);
        _own.EnsureCapacity(rows);
        Series = Column(RollupSchema.Series, _own.Series);
        Starts = Column(RollupSchema.Start, _own.Starts);
        _counts = Column(RollupSchema.Count, _own.Counts);
        _full = Column(RollupSchema.Full, _own.Full);
        if (fields.HasFlag(RollupFields.Sum)) _sums = Column(RollupSchema.Sum, _own.Sums);
        if (fields.HasFlag(RollupFields.MinMax)) (_mins, _maxs) = (Column(RollupSchema.Min, _own.Mins), Column(RollupSchema.Max, _own.Maxs));
        if (fields.HasFlag(RollupFields.FirstLast))
        {
            (_firstTimes, _firsts) = (Column(RollupSchema.FirstTime, _own.FirstTimes), Column(RollupSchema.First, _own.Firsts));
            (_lastTimes, _lasts) = (Column(RollupSchema.LastTime, _own.LastTimes), Column(RollupSchema.Last, _own.Lasts));
        }

        if (fields.HasFlag(RollupFields.Sketch)) Reader.ReadSketches(group, rows, _own.Sketches);
    }

    public bool IsFull(int row) => _full[row];

    public RollupBucket this[int row] => new(
        Starts[row],
        _counts[row],
        _sums is null ? 0 : _sums[row],
        _mins is null ? 0 : _mins[row],
        _maxs is null ? 0 : _maxs[row],
        _firstTimes is null ? 0 : _firstTimes[row],
        _firsts is null ? 0 : _firsts[row],
        _lastTimes is null ? 0 : _lastTimes[row],
        _lasts is null ? 0 : _lasts[row],
        fields.HasFlag(RollupFields.Sketch) ? _own.Sketches[row] : null);

    public void Dispose() => Close();

    private void Close()
    {
        _reader?.Dispose();
        _reader = null;
    }

    private T[] Column<T>(int column, T[] own)
        where T : unmanaged
    {
        var admit = false;
        if (cache?.Get<T[]>(_file!.Number, _group, column, out admit) is { } known) return known;
        var target = admit ? GC.AllocateUninitializedArray<T>(_rows) : own;
        Reader.ReadColumn(_group, column, _rows, target);
        if (admit) cache!.Set(_file!.Number, _group, column, target, (long)_rows * Unsafe.SizeOf<T>());
        return target;
    }
}
