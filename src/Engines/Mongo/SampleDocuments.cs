using System.Buffers.Binary;
using DataLayer.Protocol;
using MongoDB.Bson;
using MongoDB.Bson.IO;

namespace DataLayer.Engines.Mongo;

/// <summary>
/// Builds the documents of <c>raw</c> as BSON (https://bsonspec.org) side by side in one buffer, straight from columns:
/// <c>{ time: date, series: { id, labels, name }, micros: long, value: double, lsn: long [, quality: double] [, bits: long] }</c>. Owned by one thread; a buffer is
/// given away by <see cref="Take"/>.
/// </summary>
internal sealed class SampleDocuments(long lsn)
{
    private const byte Double = 0x01;
    private const byte String = 0x02;
    private const byte Document = 0x03;
    private const byte Date = 0x09;
    private const byte Int64 = 0x12;

    /// <summary>All of a document but its series: length and end 5, time 14, name of the series 8, micros 16, value 15, lsn 13, quality 17, bits 14.</summary>
    private const int FixedBytesMax = 5 + 14 + 8 + 16 + 15 + 13 + 17 + 14;

    private readonly List<(int At, int Length)> _documents = [];
    private byte[] _buffer = new byte[64 << 10];
    private byte[] _series = new byte[256];
    private int _seriesLength;
    private int _length;

    public int Count => _documents.Count;

    public int LengthBytes => _length;

    /// <summary>The series of the documents that follow.</summary>
    public void Begin(ReadOnlySpan<byte> key, long id)
    {
        // A label costs 4 bytes in a key and 7 here.
        var most = 64 + (2 * key.Length);
        if (_series.Length < most) _series = new byte[most];
        _seriesLength = WriteSeries(_series, key, id);
    }

    public void Add(long micros, double value, float quality)
    {
        var most = FixedBytesMax + _seriesLength;
        if (_buffer.Length - _length < most) Array.Resize(ref _buffer, Math.Max(_length + most, _buffer.Length * 2));
        var document = _buffer.AsSpan(_length);
        var at = 4;
        at += WriteInt64(document[at..], Date, "time\0"u8, MongoTime.MillisOf(micros));
        at += WriteName(document[at..], Document, "series\0"u8);
        _series.AsSpan(0, _seriesLength).CopyTo(document[at..]);
        at += _seriesLength;
        at += WriteInt64(document[at..], Int64, "micros\0"u8, micros);
        at += WriteInt64(document[at..], Double, "value\0"u8, BitConverter.DoubleToInt64Bits(value));
        at += WriteInt64(document[at..], Int64, "lsn\0"u8, lsn);
        if (quality != 1f) at += WriteInt64(document[at..], Double, "quality\0"u8, BitConverter.DoubleToInt64Bits(quality));

        // A bucket's column of doubles makes 0.0 of -0.0 (measured: engine 9.0.0-alpha0), and of nothing else something else.
        if (value == 0 && double.IsNegative(value)) at += WriteInt64(document[at..], Int64, "bits\0"u8, BitConverter.DoubleToInt64Bits(value));
        document[at++] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(document, at);
        _documents.Add((_length, at));
        _length += at;
    }

    /// <summary>The documents since the last call; the buffer is theirs from now on.</summary>
    public RawBsonDocument[] Take()
    {
        var whole = new ByteArrayBuffer(_buffer, _length, isReadOnly: true);
        var taken = _documents.ConvertAll(document => new RawBsonDocument(whole.GetSlice(document.At, document.Length))).ToArray();
        _buffer = new byte[Math.Max(64 << 10, _length)];
        _length = 0;
        _documents.Clear();
        return taken;
    }

    /// <summary>The object that stands for a series in each document: id, labels, name, in the order in which the server keeps them.</summary>
    internal static int WriteSeries(Span<byte> bytes, ReadOnlySpan<byte> key, long id)
    {
        var reader = new SeriesKeyReader(key);
        var at = 4;
        at += WriteInt64(bytes[at..], Int64, "id\0"u8, id);
        at += WriteName(bytes[at..], Document, "labels\0"u8);
        var labels = at;
        at += 4;
        while (reader.TryNext(out var label, out var value))
        {
            bytes[at++] = String;
            label.CopyTo(bytes[at..]);
            at += label.Length;
            bytes[at++] = 0;
            at += WriteText(bytes[at..], value);
        }

        bytes[at++] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[labels..], at - labels);
        at += WriteName(bytes[at..], String, "name\0"u8);
        at += WriteText(bytes[at..], reader.Name);
        bytes[at++] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(bytes, at);
        return at;
    }

    private static int WriteText(Span<byte> bytes, ReadOnlySpan<byte> utf8)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, utf8.Length + 1);
        utf8.CopyTo(bytes[4..]);
        bytes[4 + utf8.Length] = 0;
        return 5 + utf8.Length;
    }

    private static int WriteName(Span<byte> bytes, byte type, ReadOnlySpan<byte> nameWithNul)
    {
        bytes[0] = type;
        nameWithNul.CopyTo(bytes[1..]);
        return 1 + nameWithNul.Length;
    }

    private static int WriteInt64(Span<byte> bytes, byte type, ReadOnlySpan<byte> nameWithNul, long value)
    {
        var at = WriteName(bytes, type, nameWithNul);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[at..], value);
        return at + 8;
    }
}
