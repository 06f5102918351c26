using System.Text;
using DataLayer.Cli.Input;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Cli.Tests;

public sealed class InputTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Csv_columns_that_are_no_part_of_a_sample_are_labels()
    {
        var (items, lines) = Read("csv", "time,host,name,value,quality\n1.5,a,cpu,2,0.5\n,,cpu,true,\n");
        Assert.All(items, i => Assert.Null(i.Error));
        Assert.Equal(["cpu{host=a} 2 @1500000 q0.5", $"cpu{{}} 1 @{Now.ToUnixTimeMilliseconds() * 1000} q1"], lines);
    }

    [Fact]
    public void Csv_labels_as_the_daemon_writes_them_come_back()
    {
        var (_, lines) = Read("csv", "name,labels,time,value\ncpu,\"{\"\"host\"\":\"\"a,b\"\",\"\"core\"\":\"\"0\"\"}\",2025-11-23T12:00:00Z,1\ncpu,host=x;core=1,0,2\n");
        Assert.Equal(["cpu{host=a,b;core=0} 1 @1763899200000000 q1", "cpu{host=x;core=1} 2 @0 q1"], lines);
    }

    [Fact]
    public void Csv_bad_rows_are_told_by_line_and_the_others_read()
    {
        var (items, lines) = Read("csv", "name,value,time\na,1,1\na,x,1\n\na,1\n\"multi\nline\",2,2\na,1,noon\na,\"1\" x,1\nb,3,3\n");
        Assert.Equal(
            [
                (2, null), (3, "the value 'x' is not a number"), (5, "2 fields, the header has 3"), (6, null),
                (8, "the time 'noon' is none; " + TimeText.Expected), (9, "text after a closing quote"), (10, null),
            ],
            items.Select(i => (i.Position, i.Error)));
        Assert.Equal(["a{} 1 @1000000 q1", "multi\nline{} 2 @2000000 q1", "b{} 3 @3000000 q1"], lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("name,time\n")]
    [InlineData("value\n")]
    public void Csv_without_name_and_value_is_refused(string text) =>
        Assert.Equal(ExitCodes.Usage, Assert.Throws<CliException>(() => Read("csv", text)).ExitCode);

    [Fact]
    public void Lines_as_prometheus_shows_them()
    {
        var (items, lines) = Read("lines", """
            # HELP http_requests_total text
            http_requests_total{method="post",code="200"} 1027 1395066363.5
            plain 12.5
            escaped{path="C:\\DIR\\",text="a \"b\" }",} +Inf # {trace="x"} 1
            """);
        Assert.All(items, i => Assert.Null(i.Error));
        var now = Now.ToUnixTimeMilliseconds() * 1000;
        Assert.Equal(
            ["http_requests_total{method=post;code=200} 1027 @1395066363500000 q1", $"plain{{}} 12.5 @{now} q1", $"escaped{{path=C:\\DIR\\;text=a \"b\" }}}} Infinity @{now} q1"], lines);
    }

    [Theory]
    [InlineData("novalue", "no value")]
    [InlineData("a x", "the value 'x' is not a number")]
    [InlineData("a{k=\"v\" 1", "neither a comma nor a } after label 'k'")]
    [InlineData("a{k=v} 1", "the value of label 'k' is not in quotes")]
    [InlineData("a{} ", "no value")]
    [InlineData("{} 1", "no name")]
    [InlineData("a 1 noon", "the time 'noon' is none")]
    public void Lines_bad_is_told(string line, string error)
    {
        var (items, _) = Read("lines", "ok 1\n" + line);
        Assert.Equal(2, items[1].Position);
        Assert.StartsWith(error, items[1].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void MsgPack_messages_go_as_they_are_and_samples_are_counted()
    {
        using var all = new MsgPackWriter();
        MessageEncoder.WriteHello(all, "agent");
        var hello = all.LengthBytes;
        MessageEncoder.WriteLine(all, "a", default, 1, 2);
        MessageEncoder.WritePoint(all, "p", default, 1, [new("x", 1), new("y", 2)]);
        MessageEncoder.WriteSchemaHeader(all, 1, default, 1);
        MessageEncoder.WriteSeries(all, "s", default);
        MessageEncoder.WriteRow(all, 1, 5, [1.5]);
        MessageEncoder.WriteBlock(all, 1, [5, 6, 7], [1, 2, 3]);
        using var writer = new MsgPackWriter();
        using var source = MessageSource.Open("msgpack", new TrickleStream(all.Written.ToArray()), Now);
        var items = new List<SourceItem>();
        while (source.TryNext(writer, out var item)) items.Add(item);
        Assert.Equal([1, 2, 0, 1, 3], items.Select(i => i.Samples));
        Assert.Equal([2, 3, 4, 5, 6], items.Select(i => i.Position));
        Assert.Equal(all.Written[hello..].ToArray(), writer.Written.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 0xc1 }, "not MessagePack")]
    [InlineData(new byte[] { 0x94, 0xa1 }, "cut short")]
    public void MsgPack_garbage_ends_the_input(byte[] garbage, string error)
    {
        using var good = new MsgPackWriter();
        MessageEncoder.WriteLine(good, "a", default, 1, 2);
        using var writer = new MsgPackWriter();
        using var source = MessageSource.Open("msgpack", new MemoryStream([.. good.Written, .. garbage]), Now);
        Assert.True(source.TryNext(writer, out var first) && first.Error is null);
        Assert.True(source.TryNext(writer, out var second));
        Assert.Equal(2, second.Position);
        Assert.StartsWith(error, second.Error, StringComparison.Ordinal);
        Assert.False(source.TryNext(writer, out _));
        Assert.Equal(good.LengthBytes, writer.LengthBytes);
    }

    [Theory]
    [InlineData("now", 0)]
    [InlineData("-1h", -3600)]
    [InlineData("+1m30s", 90)]
    [InlineData("now-1d", -86400)]
    [InlineData("2026-11-23T13:00:00+01:00", 0)]
    [InlineData("2026-11-23 12:00:01.5", 1.5)]
    [InlineData("1795435200.25", 0.25)]
    public void TimeText_reads(string text, double offsetSeconds)
    {
        Assert.True(TimeText.TryParse(text, Now, out var micros));
        Assert.Equal((Now.ToUnixTimeSeconds() + offsetSeconds) * 1e6, micros);
    }

    [Theory]
    [InlineData("")]
    [InlineData("noon")]
    [InlineData("-")]
    [InlineData("-1x")]
    [InlineData("-h")]
    [InlineData("1e99")]
    [InlineData("999999999999999")]
    public void TimeText_refuses(string text) => Assert.False(TimeText.TryParse(text, Now, out _));

    private static (List<SourceItem> Items, List<string> Lines) Read(string format, string text)
    {
        using var source = MessageSource.Open(format, new MemoryStream(Encoding.UTF8.GetBytes(text)), Now);
        using var writer = new MsgPackWriter();
        var items = new List<SourceItem>();
        while (source.TryNext(writer, out var item)) items.Add(item);
        return (items, Lines(writer.Written));
    }

    private static List<string> Lines(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<string>();
        var reader = new MsgPackReader(bytes);
        while (reader.TryReadArrayHeader(out var count))
        {
            Assert.True(reader.TryReadString(out var name));
            var labels = new List<string>();
            if (reader.TryReadMapHeader(out var pairs))
            {
                for (; pairs > 0; pairs--)
                {
                    Assert.True(reader.TryReadString(out var key) & reader.TryReadString(out var value));
                    labels.Add($"{Encoding.UTF8.GetString(key)}={Encoding.UTF8.GetString(value)}");
                }
            }
            else
            {
                Assert.True(reader.TryReadNil());
            }

            Assert.True(reader.TryReadInt64(out var time) & reader.TryReadDouble(out var number));
            var quality = 1d;
            if (count == 5) Assert.True(reader.TryReadDouble(out quality));
            lines.Add(FormattableString.Invariant($"{Encoding.UTF8.GetString(name)}{{{string.Join(';', labels)}}} {number} @{time} q{quality}"));
        }

        return lines;
    }

    /// <summary>A stream that gives seven bytes at a time.</summary>
    private sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 7));
    }
}
