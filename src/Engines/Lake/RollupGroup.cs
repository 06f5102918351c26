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
    private bool _isOwn;

    public int[] Series { get; private set; } = [];

    public bool[] Full { get; private set; } = [];

    public RollupRows Rows { get; private set; } = new() { Starts = [], Counts = [] };

    public RollupRowReader Reader => _reader ??= new RollupRowReader(_file!.Path, _own);

    public void Open(LakeFile file)
    {
        Dispose();
        _file = file;
    }

    public void Read(int group, int rows)
    {
        (_group, _rows, _isOwn) = (group, rows, fields.HasFlag(RollupFields.Sketch));
        _own.EnsureCapacity(rows);
        Series = Column(RollupSchema.Series, _own.Series);
        Full = Column(RollupSchema.Full, _own.Full);
        var (hasSum, hasMinMax, hasFirstLast) = (fields.HasFlag(RollupFields.Sum), fields.HasFlag(RollupFields.MinMax), fields.HasFlag(RollupFields.FirstLast));
        Rows = new RollupRows
        {
            Starts = Column(RollupSchema.Start, _own.Starts),
            Counts = Column(RollupSchema.Count, _own.Counts),
            Sums = hasSum ? Column(RollupSchema.Sum, _own.Sums) : null,
            Mins = hasMinMax ? Column(RollupSchema.Min, _own.Mins) : null,
            Maxs = hasMinMax ? Column(RollupSchema.Max, _own.Maxs) : null,
            FirstTimes = hasFirstLast ? Column(RollupSchema.FirstTime, _own.FirstTimes) : null,
            Firsts = hasFirstLast ? Column(RollupSchema.First, _own.Firsts) : null,
            LastTimes = hasFirstLast ? Column(RollupSchema.LastTime, _own.LastTimes) : null,
            Lasts = hasFirstLast ? Column(RollupSchema.Last, _own.Lasts) : null,
            Sketches = fields.HasFlag(RollupFields.Sketch) ? Sketches() : null,
        };
    }

    /// <summary>Rows that stay as they are when the next row group is read.</summary>
    public RollupSlice Slice(int from, int to) => _isOwn ? new RollupSlice(Rows.Copy(from, to), 0, to - from) : new RollupSlice(Rows, from, to);

    public void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
    }

    private byte[]?[] Sketches()
    {
        Reader.ReadSketches(_group, _rows, _own.Sketches);
        return _own.Sketches;
    }

    private T[] Column<T>(int column, T[] own)
        where T : unmanaged
    {
        if (cache?.Get<T[]>(_file!.Number, _group, column) is { } known) return known;
        var admit = cache is not null && cache.Admits(_file!.Number, _group, column);
        var target = admit ? GC.AllocateUninitializedArray<T>(_rows) : own;
        Reader.ReadColumn(_group, column, _rows, target);
        if (admit) cache!.Set(_file!.Number, _group, column, target, (long)_rows * Unsafe.SizeOf<T>());
        else _isOwn = true;
        return target;
    }
}
