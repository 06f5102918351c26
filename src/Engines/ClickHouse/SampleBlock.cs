using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.ClickHouse;

/// <summary>
/// A part of a batch on its way to the server, as one block in format Native (see <see cref="NativeReader"/>). The series stand in the order of the table's key, not of the batch, so that
/// the server finds the block sorted and need not sort it row by row. Owned by the writer; reused.
/// </summary>
internal sealed class SampleBlock
{
    /// <summary>
    /// Samples of one insert at most: one part per partition. The server cuts larger inserts by its min_insert_block_size_rows, 1,048,449, so nothing is gained beyond.
    /// </summary>
    public const int RowsMax = 1 << 19;

    private readonly List<(long Id, int From, int Count)> _runs = [];
    private long[] _times = new long[1 << 14];
    private double[] _values = new double[1 << 14];
    private float[] _qualities = new float[1 << 14];
    private byte[] _body = [];
    private bool _hasQuality;

    public int Rows { get; private set; }

    /// <summary>The columns of the block, for the statement.</summary>
    public string ColumnNames => _hasQuality ? "series, version, time, value, quality" : "series, version, time, value";

    public void Clear()
    {
        _runs.Clear();
        (Rows, _hasQuality) = (0, false);
    }

    /// <summary>Takes samples of one series over.</summary>
    public void Add(long id, SeriesColumns columns, int from, int count)
    {
        EnsureCapacity(Rows + count);
        Array.Copy(columns.Times, from, _times, Rows, count);
        Array.Copy(columns.Values, from, _values, Rows, count);
        if (columns.Qualities is { } qualities)
        {
            // Blocks without a quality below 1 go without the column: most do.
            if (!_hasQuality) Array.Fill(_qualities, 1f, 0, Rows);
            _hasQuality = true;
            Array.Copy(qualities, from, _qualities, Rows, count);
        }
        else if (_hasQuality)
        {
            Array.Fill(_qualities, 1f, Rows, count);
        }

        _runs.Add((id, Rows, count));
        Rows += count;
    }

    /// <summary>The block; valid until the next call. With it a number that tells blocks of different content apart.</summary>
    public ReadOnlyMemory<byte> Encode(long version, out UInt128 hash)
    {
        // Stable: the parts of one series stay in order of time.
        var runs = _runs.OrderBy(run => run.Id).ToArray();
        var length = 512 + (Rows * (8 + 8 + 8 + 8 + (_hasQuality ? 4 : 0)));
        if (_body.Length < length) _body = GC.AllocateUninitializedArray<byte>(Math.Max(length, _body.Length * 2));
        var at = VarInt(0, _hasQuality ? 5 : 4);
        at = VarInt(at, Rows);
        at = Header(at, "series", "Int64");
        foreach (var run in runs)
        {
            MemoryMarshal.Cast<byte, long>(_body.AsSpan(at, run.Count * 8)).Fill(run.Id);
            at += run.Count * 8;
        }

        at = Header(at, "version", "UInt64");
        MemoryMarshal.Cast<byte, long>(_body.AsSpan(at, Rows * 8)).Fill(version);
        at = Column(Header(at + (Rows * 8), "time", "DateTime64(6, 'UTC')"), runs, _times);
        at = Column(Header(at, "value", "Float64"), runs, _values);
        if (_hasQuality) at = Column(Header(at, "quality", "Float32"), runs, _qualities);
        hash = XxHash128.HashToUInt128(_body.AsSpan(0, at));
        return _body.AsMemory(0, at);
    }

    private int Column<T>(int at, (long Id, int From, int Count)[] runs, T[] values)
        where T : unmanaged
    {
        foreach (var run in runs)
        {
            var bytes = MemoryMarshal.AsBytes(values.AsSpan(run.From, run.Count));
            bytes.CopyTo(_body.AsSpan(at));
            at += bytes.Length;
        }

        return at;
    }

    private int Header(int at, string name, string type) => Text(Text(at, name), type);

    private int Text(int at, string text)
    {
        at = VarInt(at, text.Length);
        return at + Encoding.ASCII.GetBytes(text, _body.AsSpan(at));
    }

    private int VarInt(int at, int value)
    {
        for (; value >= 0x80; value >>= 7) _body[at++] = (byte)(value | 0x80);
        _body[at++] = (byte)value;
        return at;
    }

    private void EnsureCapacity(int rows)
    {
        if (rows <= _times.Length) return;
        var size = Math.Max(rows, _times.Length * 2);
        Array.Resize(ref _times, size);
        Array.Resize(ref _values, size);
        Array.Resize(ref _qualities, size);
    }
}
