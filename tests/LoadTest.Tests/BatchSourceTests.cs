using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.LoadTest.Tests;

/// <summary>What is sent has to be what is counted: each batch holds its number of samples, and no sample comes twice.</summary>
public sealed class BatchSourceTests
{
    private const long Start = 1_767_225_600_000_000;

    [Theory]
    [InlineData("rows")]
    [InlineData("blocks")]
    [InlineData("lines")]
    [InlineData("points")]
    [InlineData("udp-lines")]
    [InlineData("udp-rows")]
    public void WriteMessages_manyBatches_holdTheSamplesPromisedEachOnce(string kind)
    {
        var options = LoadOptions.Parse(["--kind", kind, "--series", "120", "--columns", "20", "--connections", "2", "--batch-bytes", "4000"]);
        var samples = new HashSet<(string Series, long Time)>();
        var expected = 0;
        using var writer = new MsgPackWriter();
        for (var connection = 0; connection < 2; connection++)
        {
            var source = BatchSource.Create(options, connection, Start);
            writer.Clear();
            source.WriteSchemas(writer);
            var schemas = new Dictionary<long, List<string>>();
            Read(writer.Written, schemas, samples);
            for (var seq = 1; seq <= 40; seq++)
            {
                writer.Clear();
                source.WriteMessages(seq, writer);
                Read(writer.Written, schemas, samples);
                expected += source.SamplesPerBatch;
                Assert.Equal(expected, samples.Count);
            }
        }
    }

    [Theory]
    [InlineData("rows")]
    [InlineData("lines")]
    public void WriteMessages_sameNumberAgain_givesTheSameBytes(string kind)
    {
        var options = LoadOptions.Parse(["--kind", kind, "--series", "100", "--run", "same"]);
        using var first = new MsgPackWriter();
        using var second = new MsgPackWriter();
        var source = BatchSource.Create(options, 0, Start);
        source.WriteMessages(7, first);
        source.WriteMessages(8, second);
        second.Clear();
        BatchSource.Create(options, 0, Start).WriteMessages(7, second);
        Assert.True(first.Written.SequenceEqual(second.Written));
    }

    private static void Read(ReadOnlySpan<byte> messages, Dictionary<long, List<string>> schemas, HashSet<(string Series, long Time)> samples)
    {
        var reader = new MsgPackReader(messages);
        while (reader.Remaining > 0)
        {
            if (reader.PeekKind() == MsgPackKind.Map)
            {
                ReadPoint(ref reader, samples);
                continue;
            }

            Assert.True(reader.TryReadArrayHeader(out _));
            if (reader.PeekKind() == MsgPackKind.String) ReadLine(ref reader, samples);
            else ReadOperation(ref reader, schemas, samples);
        }
    }

    private static void ReadLine(ref MsgPackReader reader, HashSet<(string Series, long Time)> samples)
    {
        Assert.True(reader.TryReadString(out var name));
        var series = Encoding.UTF8.GetString(name) + ReadLabels(ref reader);
        Assert.True(reader.TryReadInt64(out var time) & reader.TryReadDouble(out _));
        Assert.True(samples.Add((series, time)));
    }

    private static void ReadPoint(ref MsgPackReader reader, HashSet<(string Series, long Time)> samples)
    {
        Assert.True(reader.TryReadMapHeader(out var pairs) && pairs == 4);
        Assert.True(reader.TryReadString(out _) & reader.TryReadString(out var name) && name.SequenceEqual("load"u8));
        Assert.True(reader.TryReadString(out _) & reader.TryReadTimestamp(out var time));
        Assert.True(reader.TryReadString(out _));
        var tags = ReadLabels(ref reader);
        Assert.True(reader.TryReadString(out _) & reader.TryReadMapHeader(out var fields) && fields == 10);
        for (; fields > 0; fields--)
        {
            Assert.True(reader.TryReadString(out var field) & reader.TryReadDouble(out _));
            Assert.True(samples.Add((Encoding.UTF8.GetString(field) + tags, time)));
        }
    }

    private static void ReadOperation(ref MsgPackReader reader, Dictionary<long, List<string>> schemas, HashSet<(string Series, long Time)> samples)
    {
        Assert.True(reader.TryReadInt64(out var op) & reader.TryReadInt64(out var schema));
        switch (op)
        {
            case Op.Schema:
                Assert.True(reader.TryReadNil() & reader.TryReadArrayHeader(out var count));
                var names = schemas[schema] = [];
                for (; count > 0; count--)
                {
                    Assert.True(reader.TryReadArrayHeader(out _) & reader.TryReadString(out _));
                    names.Add(ReadLabels(ref reader));
                }

                break;
            case Op.Row:
                Assert.True(reader.TryReadInt64(out var time) & reader.TryReadBinary(out var row) && row.Length == 8 * schemas[schema].Count);
                foreach (var series in schemas[schema]) Assert.True(samples.Add((series, time)));
                break;
            default:
                Assert.Equal(Op.Block, op);
                Assert.True(reader.TryReadBinary(out var times) & reader.TryReadBinary(out var values) && values.Length == times.Length * schemas[schema].Count);
                foreach (var instant in MemoryMarshal.Cast<byte, long>(times))
                {
                    foreach (var series in schemas[schema]) Assert.True(samples.Add((series, instant)));
                }

                break;
        }
    }

    private static string ReadLabels(ref MsgPackReader reader)
    {
        Assert.True(reader.TryReadMapHeader(out var count));
        var text = new StringBuilder();
        for (; count > 0; count--)
        {
            Assert.True(reader.TryReadString(out var name) & reader.TryReadString(out var value));
            text.Append(CultureInfo.InvariantCulture, $",{Encoding.UTF8.GetString(name)}={Encoding.UTF8.GetString(value)}");
        }

        return text.ToString();
    }
}
