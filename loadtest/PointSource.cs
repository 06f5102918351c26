using System.Buffers.Binary;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>Points of ten fields, as Telegraf writes them: made beforehand, one for each ten series; time and values are put in.</summary>
internal sealed class PointSource : BatchSource
{
    private const int Fields = 10;

    /// <summary>A field's name, such as f0, behind its length; a value in 64 bits behind its code.</summary>
    private const int FieldBytes = 3 + 9;

    private readonly byte[] _points;
    private readonly int _pointBytes;
    private readonly int _timeAt;
    private readonly int _count;
    private readonly int _perBatch;

    public PointSource(LoadOptions options, int connection)
        : base(options, connection)
    {
        _count = options.SeriesPerConnection / Fields;
        if (_count == 0) throw new UsageException("--series: at least ten for each connection that sends points.");
        using var writer = new MsgPackWriter();
        for (var point = 0; point < _count; point++)
        {
            WritePoint(writer, SeriesNames.Labels(options.Run, FirstSeries + (point * Fields)), out var timeAt);
            if (point > 0) continue;
            _pointBytes = writer.LengthBytes;
            _timeAt = timeAt;
        }

        _points = writer.Written.ToArray();
        _perBatch = Math.Max(1, options.BatchBytes / _pointBytes);
    }

    public override int SamplesPerBatch => _perBatch * Fields;

    public override void WriteMessages(long seq, MsgPackWriter writer)
    {
        var (instant, point) = Math.DivRem((seq - 1) * _perBatch, _count);
        var target = writer.Take(_perBatch * _pointBytes);
        for (var i = 0; i < _perBatch; i++)
        {
            _points.AsSpan((int)point * _pointBytes, _pointBytes).CopyTo(target);
            var (seconds, micros) = Math.DivRem(TimeOf(instant), 1_000_000);
            BinaryPrimitives.WriteInt64BigEndian(target[_timeAt..], (micros * 1000 << 34) | seconds);
            var value = target[(_pointBytes - (Fields * FieldBytes) + 4)..];
            for (var field = 0; field < Fields; field++)
            {
                BinaryPrimitives.WriteDoubleBigEndian(value[(field * FieldBytes)..], Values.Get(instant, ((int)point * Fields) + field));
            }

            target = target[_pointBytes..];
            if (++point < _count) continue;
            point = 0;
            instant++;
        }
    }

    private static void WritePoint(MsgPackWriter writer, KeyValuePair<string, string>[] tags, out int timeAt)
    {
        var start = writer.LengthBytes;
        writer.WriteMapHeader(4);
        writer.WriteString("name"u8);
        writer.WriteString(SeriesNames.Metric);
        writer.WriteString("time"u8);
        writer.WriteExtension(-1, new byte[8]);
        timeAt = writer.LengthBytes - 8 - start;
        writer.WriteString("tags"u8);
        MessageEncoder.WriteLabels(writer, tags);
        writer.WriteString("fields"u8);
        writer.WriteMapHeader(Fields);
        for (var field = 0; field < Fields; field++)
        {
            writer.WriteString($"f{field}");
            writer.Write(0.0);
        }
    }
}
