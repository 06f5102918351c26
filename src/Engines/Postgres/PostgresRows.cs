using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using DataLayer.Ingest.Records;
using Npgsql;

namespace DataLayer.Engines.Postgres;

/// <summary>
/// Samples in PostgreSQL's binary COPY format (see "COPY", "Binary Format" in its manual): series, time, value, version, quality. Given out by series number, so that the inserts into the
/// B-tree go from left to right through it. Reused from batch to batch; owned by the feeder's calls.
/// </summary>
internal sealed class PostgresRows
{
    /// <summary>The columns that rows consist of, in order.</summary>
    public const string Columns = "series, time, value, version, quality";

    // The number of fields, and per field its length and bytes.
    private const int RowBytes = 2 + (4 * 12) + 4;
    private const int RowWithQualityBytes = RowBytes + 4;
    private const int ChunkBytes = 256 << 10;

    // A batch of 160,000 samples has 9 MB. What is far beyond is given back after its batch.
    private const int KeptBytes = 64 << 20;

    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] Trailer = [0xFF, 0xFF];

    private readonly List<(long Id, int From, int To)> _series = [];
    private readonly byte[] _chunk = new byte[ChunkBytes];
    private byte[] _bytes = new byte[ChunkBytes];
    private int _length;

    public int Count { get; private set; }

    public long MinTime { get; private set; }

    public long MaxTime { get; private set; }

    public void Clear()
    {
        (Count, _length, MinTime, MaxTime) = (0, 0, long.MaxValue, long.MinValue);
        _series.Clear();
        if (_bytes.Length > KeptBytes) _bytes = new byte[ChunkBytes];
    }

    /// <summary>Takes some samples of a series; their times are in PostgreSQL's range.</summary>
    public void Add(long id, SeriesColumns columns, int from, int to, long version)
    {
        if (from >= to) return;
        var room = (long)_length + ((long)(to - from) * RowWithQualityBytes);
        if (room > _bytes.Length) Array.Resize(ref _bytes, checked((int)Math.Max(room, Math.Min(_bytes.Length * 2L, Array.MaxLength))));
        var start = _length;
        var qualities = columns.Qualities;
        for (var at = from; at < to; at++)
        {
            var row = _bytes.AsSpan(_length, RowWithQualityBytes);
            BinaryPrimitives.WriteInt16BigEndian(row, 5);
            Put(row, 2, id);
            Put(row, 14, PostgresTime.Of(columns.Times[at]));
            Put(row, 26, BitConverter.DoubleToInt64Bits(columns.Values[at]));
            Put(row, 38, version);
            if (qualities is null || qualities[at] == 1f)
            {
                BinaryPrimitives.WriteInt32BigEndian(row[50..], -1);
                _length += RowBytes;
            }
            else
            {
                BinaryPrimitives.WriteInt32BigEndian(row[50..], 4);
                BinaryPrimitives.WriteSingleBigEndian(row[54..], qualities[at]);
                _length += RowWithQualityBytes;
            }
        }

        _series.Add((id, start, _length));
        Count += to - from;
        MinTime = Math.Min(MinTime, columns.Times[from]);
        MaxTime = Math.Max(MaxTime, columns.Times[to - 1]);
    }

    /// <summary>Copies the rows, and those of another if there are any, into a table; returns when the server has taken them all.</summary>
    public async Task CopyAsync(NpgsqlConnection connection, string sql, PostgresRows? more, CancellationToken cancellation)
    {
        var stream = await connection.BeginRawBinaryCopyAsync(sql, cancellation);
        try
        {
            await stream.WriteAsync(Header, cancellation);
            await SendAsync(stream, cancellation);
            if (more is not null) await more.SendAsync(stream, cancellation);
            await stream.WriteAsync(Trailer, cancellation);
        }
        catch
        {
            // Closing it in the ordinary way would tell the server that these were all. A connection that is cut says nothing.
            await connection.CloseAsync();
            throw;
        }

        await stream.DisposeAsync().AsTask().WaitAsync(cancellation); // The server's verdict: it may come long after the last byte.
    }

    private async Task SendAsync(NpgsqlRawCopyStream stream, CancellationToken cancellation)
    {
        _series.Sort();
        var filled = 0;
        foreach (var (_, from, to) in _series)
        {
            for (var at = from; at < to;)
            {
                var part = Math.Min(to - at, ChunkBytes - filled);
                _bytes.AsSpan(at, part).CopyTo(_chunk.AsSpan(filled));
                (at, filled) = (at + part, filled + part);
                if (filled < ChunkBytes) continue;
                await stream.WriteAsync(_chunk.AsMemory(0, filled), cancellation);
                filled = 0;
            }
        }

        if (filled > 0) await stream.WriteAsync(_chunk.AsMemory(0, filled), cancellation);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Span<byte> row, int at, long field)
    {
        BinaryPrimitives.WriteInt32BigEndian(row[at..], sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(row[(at + 4)..], field);
    }
}
