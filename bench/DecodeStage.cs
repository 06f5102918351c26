using System.Text;
using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using K4os.Compression.LZ4;
using ZstdSharp;

namespace DataLayer.Bench;

/// <summary>From the bytes of one kind of message to records that nobody takes: reads of 64 KiB, as the listeners hand them over.</summary>
internal sealed class DecodeStage : IHotStage, ISessionOutput
{
    private const int ReadBytes = 64 * 1024;
    private const int SeriesCount = 10_000;
    private const int Fields = 10;
    private const int RowSeries = 1000;
    private const long Time = 1_704_067_200_000_000;

    private static readonly KeyValuePair<string, string>[] NoLabels = [];

    private readonly NullSink _sink = new();
    private readonly Session _session;
    private readonly byte[] _stream;
    private readonly long _samples;

    private DecodeStage(string name, byte[] prologue, byte[] stream, long samples)
    {
        (Name, _stream, _samples) = (name, stream, samples);
        _session = new Session(new SessionHost(_sink, new AgentTable(new DefinitionQueue())), SessionKind.Tcp, this, "bench");
        Feed(prologue);
    }

    public string Name { get; }

    public static IEnumerable<DecodeStage> All()
    {
        yield return Lines();
        yield return Points();
        yield return Rows();
        yield return Blocks();
        yield return Batches(BatchCodec.None);
        yield return Batches(BatchCodec.Lz4);
        yield return Batches(BatchCodec.Zstd);
    }

    /// <summary>10,000 series of three labels, one line each.</summary>
    public static DecodeStage Lines() => new("decode lines", [], LineBytes(), SeriesCount);

    /// <summary>1,000 sets of tags, ten fields each: 10,000 series.</summary>
    public static DecodeStage Points() => new("decode points", [], Encode(writer =>
    {
        var fields = Enumerable.Range(0, Fields).Select(i => KeyValuePair.Create($"field_{i}", i + 0.25)).ToArray();
        for (var i = 0; i < SeriesCount / Fields; i++) MessageEncoder.WritePoint(writer, "net", Labels(i), Time + i, fields);
    }), SeriesCount);

    /// <summary>Rows of 1,000 series.</summary>
    public static DecodeStage Rows() => new("decode rows", Schema(), Encode(writer =>
    {
        var values = Values(RowSeries);
        for (var i = 0; i < 100; i++) MessageEncoder.WriteRow(writer, 1, Time + i, values);
    }), 100 * RowSeries);

    /// <summary>Blocks of ten instants of 1,000 series.</summary>
    public static DecodeStage Blocks() => new("decode blocks", Schema(), Encode(writer =>
    {
        var values = Values(10 * RowSeries);
        for (var i = 0; i < 10; i++) MessageEncoder.WriteBlock(writer, 1, [.. Enumerable.Range(0, 10).Select(j => Time + (10 * i) + j)], values);
    }), 100 * RowSeries);

    /// <summary>Batches of 10,000 lines.</summary>
    public static DecodeStage Batches(BatchCodec codec)
    {
        var raw = LineBytes();
        using var zstd = new Compressor();
        var lz4 = new byte[LZ4Codec.MaximumOutputSize(raw.Length)];
        var packed = codec switch
        {
            BatchCodec.Lz4 => lz4.AsSpan(0, LZ4Codec.Encode(raw, lz4)).ToArray(),
            BatchCodec.Zstd => zstd.Wrap(raw).ToArray(),
            _ => raw,
        };
        var name = codec.ToString();
        return new DecodeStage($"decode batches, {char.ToLowerInvariant(name[0])}{name[1..]}", [], Encode(writer => MessageEncoder.WriteBatch(writer, 0, codec, raw.Length, packed)), SeriesCount);
    }

    public long Run()
    {
        var before = _sink.Samples;
        Feed(_stream);
        var samples = _sink.Samples - before;
        return samples == _samples ? samples : throw new InvalidOperationException($"{Name}: {samples} samples came out, {_samples} went in.");
    }

    public void Send(ReadOnlySpan<byte> messages)
    {
        var reader = new MsgPackReader(messages);
        if (!reader.TryReadArrayHeader(out _) || !reader.TryReadInt64(out var op) || op != Op.Ack) throw new InvalidOperationException($"{Name}: {Encoding.UTF8.GetString(messages)}");
    }

    public void Dispose() => _session.Dispose();

    private void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var read = bytes[..Math.Min(ReadBytes, bytes.Length)];
            if (_session.Consume(read, out var consumed) != SessionStatus.Continue || _session.FinishInput() != SessionStatus.Continue) throw new InvalidOperationException($"{Name}: not taken.");
            bytes = bytes[consumed..];
        }
    }

    private static byte[] LineBytes() => Encode(writer =>
    {
        for (var i = 0; i < SeriesCount; i++) MessageEncoder.WriteLine(writer, "cpu_usage", Labels(i), Time + i, i * 0.5);
    });

    private static byte[] Schema() => Encode(writer =>
    {
        MessageEncoder.WriteSchemaHeader(writer, 1, NoLabels, RowSeries);
        for (var i = 0; i < RowSeries; i++) MessageEncoder.WriteSeries(writer, $"row_{i}", NoLabels);
    });

    private static double[] Values(int count) => [.. Enumerable.Range(0, count).Select(i => i * 0.25)];

    private static KeyValuePair<string, string>[] Labels(int i) =>
        [KeyValuePair.Create("host", $"host-{i / 100:000}.example"), KeyValuePair.Create("region", "eu-west"), KeyValuePair.Create("unit", $"{i % 100}")];

    private static byte[] Encode(Action<MsgPackWriter> write)
    {
        using var writer = new MsgPackWriter();
        write(writer);
        return writer.Written.ToArray();
    }
}
