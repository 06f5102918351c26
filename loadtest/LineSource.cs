using System.Buffers.Binary;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>Sample lines: made beforehand, one for each series; time and value are put in.</summary>
internal sealed class LineSource : BatchSource
{
    /// <summary>A time in 64 bits, a value in 64 bits, each behind its code.</summary>
    private const int TailBytes = 9 + 9;

    private readonly byte[] _lines;
    private readonly int _lineBytes;
    private readonly int _perBatch;

    public LineSource(LoadOptions options, int connection)
        : base(options, connection)
    {
        using var writer = new MsgPackWriter();
        for (var series = 0; series < options.SeriesPerConnection; series++)
        {
            writer.WriteArrayHeader(4);
            MessageEncoder.WriteNameAndLabelsOfKey(writer, SeriesNames.Key(options.Run, FirstSeries + series));
            var tail = writer.Take(TailBytes);
            tail[0] = 0xcf;
            tail[9] = 0xcb;
            if (series == 0) _lineBytes = writer.LengthBytes;
        }

        _lines = writer.Written.ToArray();
        _perBatch = Math.Max(1, (options.BatchBytes - DatagramHeaderBytes) / _lineBytes);
    }

    public override int SamplesPerBatch => _perBatch;

    /// <summary>Room for op 7 in a datagram; it does no harm elsewhere.</summary>
    private static int DatagramHeaderBytes => 64;

    public override void WriteMessages(long seq, MsgPackWriter writer)
    {
        var (instant, series) = Math.DivRem((seq - 1) * _perBatch, Options.SeriesPerConnection);
        var target = writer.Take(_perBatch * _lineBytes);
        for (var line = 0; line < _perBatch; line++)
        {
            _lines.AsSpan((int)series * _lineBytes, _lineBytes).CopyTo(target);
            var tail = target[(_lineBytes - TailBytes)..];
            BinaryPrimitives.WriteInt64BigEndian(tail[1..], TimeOf(instant));
            BinaryPrimitives.WriteDoubleBigEndian(tail[10..], Values.Get(instant, (int)series));
            target = target[_lineBytes..];
            if (++series < Options.SeriesPerConnection) continue;
            series = 0;
            instant++;
        }
    }
}
