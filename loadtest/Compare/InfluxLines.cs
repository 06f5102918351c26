using System.Buffers.Text;
using System.Text;

namespace DataLayer.LoadTest.Compare;

/// <summary>InfluxDB line protocol with ten fields to a line and times in milliseconds: the same series and values as <see cref="PointSource"/>.</summary>
internal sealed class InfluxLines : IPayload
{
    private const int Fields = 10;
    private const int LinesPerRequest = 5000;

    /// <summary>The same for all runs.</summary>
    public const int SamplesPerRequestMax = LinesPerRequest * Fields;

    private readonly byte[][] _heads;
    private readonly ValueTable _values;
    private readonly LoadOptions _options;
    private readonly long _startMillis;
    private readonly byte[] _body;

    public InfluxLines(LoadOptions options, int connection, long startMicros)
    {
        (_options, _startMillis) = (options, startMicros / 1000);
        var first = connection * options.SeriesPerConnection;
        _values = new ValueTable(options.Values, options.SeriesPerConnection, seed: connection + 1);
        _heads = [.. Enumerable.Range(0, options.SeriesPerConnection / Fields).Select(line => Head(options.Run, first + (line * Fields)))];
        _body = new byte[LinesPerRequest * (_heads.Max(head => head.Length) + (Fields * 24) + 24)];
    }

    public int SamplesPerRequest => SamplesPerRequestMax;

    public ArraySegment<byte> Make(long request)
    {
        var (instant, line) = Math.DivRem(request * LinesPerRequest, _heads.Length);
        var at = 0;
        for (var made = 0; made < LinesPerRequest; made++)
        {
            at += WriteLine(_body.AsSpan(at), (int)line, instant);
            if (++line < _heads.Length) continue;
            line = 0;
            instant++;
        }

        return new ArraySegment<byte>(_body, 0, at);
    }

    private int WriteLine(Span<byte> target, int line, long instant)
    {
        _heads[line].CopyTo(target);
        var at = _heads[line].Length;
        for (var field = 0; field < Fields; field++)
        {
            target[at++] = (byte)(field == 0 ? ' ' : ',');
            target[at++] = (byte)'f';
            target[at++] = (byte)('0' + field);
            target[at++] = (byte)'=';
            at += WriteValue(target[at..], _values.Get(instant, (line * Fields) + field));
        }

        target[at++] = (byte)' ';
        Utf8Formatter.TryFormat(_startMillis + (instant * _options.StepMicros / 1000), target[at..], out var digits);
        at += digits;
        target[at++] = (byte)'\n';
        return at;
    }

    /// <summary>Values have two decimals: written as whole hundredths, which costs the sender less than a shortest double.</summary>
    private static int WriteValue(Span<byte> target, double value)
    {
        var hundredths = (long)Math.Round(value * 100);
        var at = 0;
        if (hundredths < 0)
        {
            target[at++] = (byte)'-';
            hundredths = -hundredths;
        }

        Utf8Formatter.TryFormat(hundredths / 100, target[at..], out var digits);
        at += digits;
        target[at++] = (byte)'.';
        target[at++] = (byte)('0' + (hundredths / 10 % 10));
        target[at++] = (byte)('0' + (hundredths % 10));
        return at;
    }

    private static byte[] Head(string run, int series) =>
        Encoding.UTF8.GetBytes(SeriesNames.Metric + string.Concat(SeriesNames.Labels(run, series).Select(label => $",{label.Key}={label.Value}")));
}
