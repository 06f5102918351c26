using System.Text;
using CsCheck;
using Xunit;

namespace DataLayer.Protocol.Tests;

public sealed class SeriesKeyTests
{
    private static readonly Gen<string> LabelName = Gen.String[Gen.Char['a', 'f'], 1, 3];
    private static readonly Gen<Dictionary<string, string>> Labels = Gen.Dictionary(LabelName, Gen.String[0, 20])[0, 30];

    [Fact]
    public void Build_labelsInAnyOrder_givesTheSameSortedKey() =>
        Gen.Select(Labels, Gen.Int).Sample((labels, seed) =>
        {
            KeyValuePair<string, string>[] shuffled = [.. labels];
            new Random(seed).Shuffle(shuffled);
            var key = SeriesKey.Of("cpu", shuffled);
            Assert.Equal(SeriesKey.Of("cpu", labels), key);
            Assert.True(SeriesKey.IsWellFormed(key));
            var identity = SeriesIdentity.FromKey(key);
            Assert.Equal("cpu", identity.Name);
            var expected = labels.Where(label => label.Value.Length > 0).OrderBy(label => label.Key, StringComparer.Ordinal);
            Assert.Equal(expected.Select(label => (label.Key, Clean(label.Value))), identity.Labels.Select(label => (label.Key, label.Value)));
        });

    [Fact]
    public void Build_bytes_areTheDocumentedLayout() =>
        Assert.Equal(
            Convert.FromHexString("03637075" + "02" + "0161" + "0100" + "78" + "0162" + "0200" + "c3a9"),
            SeriesKey.Of("cpu", [new("b", "é"), new("empty", ""), new("a", "x")]));

    [Fact]
    public void Order_ofNames_isByBytes()
    {
        // U+FF61 sorts after U+1F37A in UTF-16, before it in UTF-8.
        var identity = SeriesIdentity.FromKey(SeriesKey.Of("n", [new("\U0001F37A", "2"), new("\uff61", "1"), new("Z", "0")]));
        Assert.Equal(["Z", "\uff61", "\U0001F37A"], identity.Labels.Select(label => label.Key));
    }

    [Fact]
    public void Build_limits_holdOnBothSides()
    {
        Assert.Equal(SeriesKeyStatus.Ok, Status(new string('n', 255)));
        Assert.Equal(SeriesKeyStatus.NameTooLong, Status(new string('n', 256)));
        Assert.Equal(SeriesKeyStatus.NameEmpty, Status(""));
        Assert.Equal(SeriesKeyStatus.Ok, Status("n", (new string('l', 255), new string('v', 4096))));
        Assert.Equal(SeriesKeyStatus.LabelNameTooLong, Status("n", (new string('l', 256), "v")));
        Assert.Equal(SeriesKeyStatus.LabelValueTooLong, Status("n", ("l", new string('v', 4097))));
        Assert.Equal(SeriesKeyStatus.LabelNameEmpty, Status("n", ("", "v")));
        Assert.Equal(SeriesKeyStatus.Ok, Status("n", [.. Enumerable.Range(0, 64).Select(i => ($"l{i}", "v"))]));
        Assert.Equal(SeriesKeyStatus.TooManyLabels, Status("n", [.. Enumerable.Range(0, 65).Select(i => ($"l{i}", "v"))]));
    }

    [Fact]
    public void Build_longestKey_fitsMaxBytes()
    {
        var labels = Enumerable.Range(0, 64).Select(i => KeyValuePair.Create($"{i:D2}" + new string('l', 253), new string('v', 4096)));
        var key = SeriesKey.Of(new string('n', 255), labels);
        Assert.Equal(SeriesKey.MaxBytes, key.Length);
        Assert.True(SeriesKey.IsWellFormed(key));
    }

    [Fact]
    public void Build_labelTwice_isRefusedEvenWhenOneIsEmpty()
    {
        Assert.Equal(SeriesKeyStatus.LabelTwice, Status("n", ("a", "1"), ("b", "2"), ("a", "1")));
        Assert.Equal(SeriesKeyStatus.LabelTwice, Status("n", ("a", ""), ("a", "1")));
    }

    [Theory]
    [InlineData("6e00", SeriesKeyStatus.NameHasControlCharacter)]
    [InlineData("6e1f", SeriesKeyStatus.NameHasControlCharacter)]
    [InlineData("6e20", SeriesKeyStatus.Ok)]
    [InlineData("6e7f", SeriesKeyStatus.NameHasControlCharacter)]
    [InlineData("6ec280", SeriesKeyStatus.NameHasControlCharacter)]
    [InlineData("6ec29f", SeriesKeyStatus.NameHasControlCharacter)]
    [InlineData("6ec2a0", SeriesKeyStatus.Ok)]
    [InlineData("c2b5c29f", SeriesKeyStatus.NameHasControlCharacter)]
    [InlineData("6ec2", SeriesKeyStatus.NameNotUtf8)]
    [InlineData("ff", SeriesKeyStatus.NameNotUtf8)]
    [InlineData("eda080", SeriesKeyStatus.NameNotUtf8)]
    public void CheckName_edges(string hex, SeriesKeyStatus expected)
    {
        var builder = new SeriesKeyBuilder();
        builder.Begin(Convert.FromHexString(hex));
        Assert.Equal(expected, builder.Finish(out var key));
        Assert.Equal(expected != SeriesKeyStatus.Ok, key.IsEmpty);
    }

    [Fact]
    public void AddLabel_notUtf8_isRefused()
    {
        var builder = new SeriesKeyBuilder();
        builder.Begin("n"u8);
        builder.AddLabel([0xff], "v"u8);
        Assert.Equal(SeriesKeyStatus.LabelNameNotUtf8, builder.Finish(out _));
        builder.Begin("n"u8);
        builder.AddLabel("l"u8, [0xff]);
        builder.AddLabel("m"u8, "v"u8);
        Assert.Equal(SeriesKeyStatus.LabelValueNotUtf8, builder.Finish(out _));
        builder.Begin("n"u8);
        Assert.Equal(SeriesKeyStatus.Ok, builder.Finish(out _));
    }

    [Fact]
    public void Begin_nameAndField_areJoined()
    {
        var builder = new SeriesKeyBuilder();
        builder.Begin("cpu"u8, "idle"u8);
        Assert.Equal(SeriesKeyStatus.Ok, builder.Finish(out var key));
        Assert.Equal(SeriesKey.Of("cpu_idle"), key.ToArray());
        builder.Begin(new byte[250].Select(_ => (byte)'n').ToArray(), "12345"u8);
        Assert.Equal(SeriesKeyStatus.NameTooLong, builder.Finish(out _));
    }

    [Fact]
    public void ClearLabels_keepsTheName()
    {
        var builder = new SeriesKeyBuilder();
        builder.Begin("cpu"u8);
        builder.AddLabel("a"u8, "1"u8);
        builder.AddLabel("a"u8, "1"u8);
        builder.ClearLabels();
        builder.AddLabel("b"u8, "2"u8);
        Assert.Equal(SeriesKeyStatus.Ok, builder.Finish(out var key));
        Assert.Equal("cpu{b=\"2\"}", SeriesIdentity.FromKey(key).ToString());
    }

    [Fact]
    public void Build_again_allocatesNothing()
    {
        var builder = new SeriesKeyBuilder();
        var first = Build(builder);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var second = Build(builder);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(first, second);
        Assert.Equal(0, allocated);

        static int Build(SeriesKeyBuilder builder)
        {
            builder.Begin("cpu"u8);
            builder.AddLabel("host"u8, "a"u8);
            builder.AddLabel("core"u8, "1"u8);
            builder.Finish(out var key);
            return key.Length;
        }
    }

    [Fact]
    public void Reader_randomBytes_neverThrows() =>
        Gen.Byte.Array[0, 40].Sample(bytes =>
        {
            var reader = new SeriesKeyReader(bytes);
            var labels = 0;
            while (reader.TryNext(out _, out _)) labels++;
            if (reader.IsAtEnd) Assert.Equal(reader.LabelCount, labels);
            if (SeriesKey.IsWellFormed(bytes)) Assert.True(reader.IsAtEnd);
        }, iter: 20_000);

    [Fact]
    public void FromKey_cutShort_throws()
    {
        var key = SeriesKey.Of("cpu", [new("a", "1")]);
        Assert.Throws<FormatException>(() => SeriesIdentity.FromKey(key.AsSpan(0, key.Length - 1)));
        Assert.False(SeriesKey.IsWellFormed([.. key, 0]));
    }

    [Fact]
    public void Identity_showsItselfAsPrometheusDoes()
    {
        Assert.Equal("up", SeriesIdentity.FromKey(SeriesKey.Of("up")).ToString());
        var identity = SeriesIdentity.FromKey(SeriesKey.Of("up", [new("b", "a\"\\\n"), new("a", "1")]));
        Assert.Equal("up{a=\"1\",b=\"a\\\"\\\\\\n\"}", identity.ToString());
        Assert.Equal("1", identity["a"]);
        Assert.Null(identity["c"]);
    }

    [Fact]
    public void EveryFault_hasAnErrorCodeAndWords()
    {
        foreach (var status in Enum.GetValues<SeriesKeyStatus>())
        {
            Assert.NotEqual("unknown", status.Describe());
            Assert.Equal(status == SeriesKeyStatus.Ok, status.ToErrorCode() == ErrorCode.None);
        }
    }

    private static SeriesKeyStatus Status(string name, params (string Name, string Value)[] labels)
    {
        var builder = new SeriesKeyBuilder();
        builder.Begin(name);
        foreach (var (label, value) in labels) builder.AddLabel(label, value);
        return builder.Finish(out _);
    }

    /// <summary>What a string with lone surrogates becomes in UTF-8.</summary>
    private static string Clean(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
