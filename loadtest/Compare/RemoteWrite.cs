using System.Buffers.Binary;
using System.Text;
using Snappier;

namespace DataLayer.LoadTest.Compare;

/// <summary>
/// Prometheus remote write 0.1 (WriteRequest{1: TimeSeries{1: Label{1: name, 2: value}, 2: Sample{1: double, 2: int64 ms}}}, snappy):
/// the same series and values as <see cref="RowSource"/>.
/// </summary>
internal sealed class RemoteWrite : IPayload
{
    private const int SeriesPerRequest = 500;
    private const int InstantsPerRequest = 20;
    private const int SampleBytesMax = 2 + 9 + 11;

    private readonly byte[][] _labels;
    private readonly ValueTable _values;
    private readonly LoadOptions _options;
    private readonly long _startMillis;
    private readonly int _groups;
    private readonly byte[] _message;
    private readonly byte[] _body;

    public RemoteWrite(LoadOptions options, int connection, long startMicros)
    {
        (_options, _startMillis) = (options, startMicros / 1000);
        var first = connection * options.SeriesPerConnection;
        _values = new ValueTable(options.Values, options.SeriesPerConnection, seed: connection + 1);
        _labels = [.. Enumerable.Range(0, options.SeriesPerConnection).Select(series => Labels(options.Run, first + series))];
        _groups = _labels.Length / Series;
        _message = new byte[Series * (_labels.Max(labels => labels.Length) + 12 + (InstantsPerRequest * SampleBytesMax))];
        _body = new byte[Snappy.GetMaxCompressedLength(_message.Length)];
    }

    public int SamplesPerRequest => Series * InstantsPerRequest;

    private int Series => Math.Min(SeriesPerRequest, _labels.Length);

    /// <summary>All series at some instants, group by group, then the next instants: in order for each series.</summary>
    public ArraySegment<byte> Make(long request)
    {
        var (round, group) = Math.DivRem(request, _groups);
        var at = 0;
        for (var series = (int)group * Series; series < ((int)group + 1) * Series; series++) at += WriteSeries(_message.AsSpan(at), series, round * InstantsPerRequest);
        return new ArraySegment<byte>(_body, 0, Snappy.Compress(_message.AsSpan(0, at), _body));
    }

    private int WriteSeries(Span<byte> target, int series, long instant)
    {
        Span<byte> samples = stackalloc byte[InstantsPerRequest * SampleBytesMax];
        var length = 0;
        for (var i = 0; i < InstantsPerRequest; i++)
        {
            var time = _startMillis + ((instant + i) * _options.StepMicros / 1000);
            samples[length++] = 0x12;
            var sizeAt = length++;
            samples[length++] = 0x09;
            BinaryPrimitives.WriteDoubleLittleEndian(samples[length..], _values.Get(instant + i, series));
            length += sizeof(double);
            samples[length++] = 0x10;
            length += WriteVarint(samples[length..], (ulong)time);
            samples[sizeAt] = (byte)(length - sizeAt - 1);
        }

        target[0] = 0x0a;
        var at = 1 + WriteVarint(target[1..], (ulong)(_labels[series].Length + length));
        _labels[series].CopyTo(target[at..]);
        samples[..length].CopyTo(target[(at + _labels[series].Length)..]);
        return at + _labels[series].Length + length;
    }

    private static byte[] Labels(string run, int series)
    {
        var bytes = new List<byte>();
        foreach (var (name, value) in SeriesNames.Labels(run, series).Prepend(new("__name__", SeriesNames.Metric)))
        {
            byte[] label = [.. Text(0x0a, name), .. Text(0x12, value)];
            bytes.AddRange([0x0a, (byte)label.Length, .. label]);
        }

        return [.. bytes];
    }

    private static byte[] Text(byte tag, string text) => [tag, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static int WriteVarint(Span<byte> target, ulong value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7) target[at++] = (byte)(value | 0x80);
        target[at++] = (byte)value;
        return at;
    }
}
