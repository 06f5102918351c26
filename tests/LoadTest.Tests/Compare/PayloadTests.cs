using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using DataLayer.LoadTest.Compare;
using Snappier;
using Xunit;

namespace DataLayer.LoadTest.Tests.Compare;

/// <summary>What peers are sent is what our daemon is sent: the same series, instants and values.</summary>
public sealed class PayloadTests
{
    private const long Start = 1_700_000_000_000_000;
    private static readonly LoadOptions Options = LoadOptions.Parse(["--series", "1000", "--step-us", "10000", "--run", "r1", "--connections", "2"]);

    [Fact]
    public void InfluxLines_are_the_points_of_the_values()
    {
        var lines = new InfluxLines(Options, 1, Start);
        var values = new ValueTable(Options.Values, 500, seed: 2);
        var read = new Dictionary<(string Series, long Millis), double[]>();
        for (var request = 0; request < 3; request++)
        {
            foreach (var line in Encoding.UTF8.GetString(lines.Make(request)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = line.Split(' ');
                read.Add((parts[0], long.Parse(parts[2], CultureInfo.InvariantCulture)), [.. parts[1].Split(',').Select(field => double.Parse(field[3..], CultureInfo.InvariantCulture))]);
            }
        }

        Assert.Equal(3 * lines.SamplesPerRequest, read.Values.Sum(fields => fields.Length));
        for (var instant = 0; instant < 300; instant++)
        {
            for (var point = 0; point < 50; point++)
            {
                var fields = read[($"load,host=host-{(500 + (point * 10)) / 100:D5},run=r1,series={500 + (point * 10):D7}", (Start / 1000) + (instant * 10))];
                for (var field = 0; field < 10; field++) Assert.Equal(values.Get(instant, (point * 10) + field), fields[field]);
            }
        }
    }

    [Fact]
    public void RemoteWrite_is_the_rows_of_the_values()
    {
        var writes = new RemoteWrite(Options, 0, Start);
        var values = new ValueTable(Options.Values, 500, seed: 1);
        var next = new long[500];
        for (var request = 0; request < 3; request++)
        {
            foreach (var (_, timeSeries) in Fields(Snappy.DecompressToArray(writes.Make(request))))
            {
                var fields = Fields(timeSeries).ToLookup(field => field.Number, field => field.Bytes);
                var labels = fields[1].Select(label => Fields(label).Select(text => Encoding.ASCII.GetString(text.Bytes)).ToArray()).ToDictionary(pair => pair[0], pair => pair[1]);
                Assert.Equal(["__name__", "host", "run", "series"], labels.Keys);
                var series = int.Parse(labels["series"], CultureInfo.InvariantCulture);
                foreach (var sample in fields[2].Select(Fields))
                {
                    Assert.Equal(values.Get(next[series], series), BinaryPrimitives.ReadDoubleLittleEndian(sample[0].Bytes));
                    Assert.Equal((Start / 1000) + (10 * next[series]++), BinaryPrimitives.ReadInt64LittleEndian(sample[1].Bytes));
                }
            }
        }

        Assert.All(next, instants => Assert.Equal(60, instants));
    }

    /// <summary>The fields of a protobuf message; a varint as eight bytes.</summary>
    private static List<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        for (var at = 0; at < message.Length;)
        {
            var tag = message[at++];
            var bytes = (tag & 7) switch
            {
                0 => BitConverter.GetBytes((long)Varint(message, ref at)),
                1 => message[at..(at += 8)],
                _ => Take(message, (int)Varint(message, ref at), ref at),
            };
            fields.Add((tag >> 3, bytes));
        }

        return fields;
    }

    private static byte[] Take(byte[] message, int count, ref int at) => message[at..(at += count)];

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            value |= (ulong)(message[at] & 0x7f) << shift;
            if (message[at++] < 0x80) return value;
        }
    }
}
