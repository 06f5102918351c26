using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CsCheck;

namespace DataLayer.Protocol.Tests;

/// <summary>
/// A MessagePack value as a tree, written in any of its encodings by code that shares nothing with the product.
/// </summary>
internal abstract record TestValue
{
    /// <summary>Random trees of at most four levels. Map keys are strings; they may repeat.</summary>
    public static readonly Gen<TestValue> Any = Level(3);

    /// <summary>The tree, each value in an encoding chosen by <paramref name="random"/>.</summary>
    public byte[] Encode(Random random)
    {
        var bytes = new List<byte>();
        Write(bytes, random);
        return [.. bytes];
    }

    /// <summary>Reads a value of any kind; null where the reader refuses.</summary>
    public static TestValue? Read(ref MsgPackReader reader)
    {
        switch (reader.PeekKind())
        {
            case MsgPackKind.Nil:
                return reader.TryReadNil() ? new Nil() : null;
            case MsgPackKind.Boolean:
                return reader.TryReadBoolean(out var flag) ? new Bool(flag) : null;
            case MsgPackKind.Integer:
                if (reader.TryReadInt64(out var integer)) return new Integer(integer);
                return reader.TryReadUInt64(out var unsigned) ? new Integer(unsigned) : null;
            case MsgPackKind.Float:
                return reader.TryReadDouble(out var number) ? new Float(BitConverter.DoubleToUInt64Bits(number)) : null;
            case MsgPackKind.String:
                return reader.TryReadString(out var text) ? new Text(Convert.ToHexString(text)) : null;
            case MsgPackKind.Binary:
                return reader.TryReadBinary(out var binary) ? new Binary(Convert.ToHexString(binary)) : null;
            case MsgPackKind.Extension:
                return reader.TryReadExtension(out var type, out var data) ? new Extension(type, Convert.ToHexString(data)) : null;
            case MsgPackKind.Array:
                return reader.TryReadArrayHeader(out var count) && ReadItems(ref reader, count) is { } items ? new Container(false, items) : null;
            case MsgPackKind.Map:
                return reader.TryReadMapHeader(out var pairs) && ReadItems(ref reader, pairs * 2) is { } both ? new Container(true, both) : null;
            default:
                return null;
        }
    }

    /// <summary>The tree by the product's writer.</summary>
    public abstract void Write(MsgPackWriter writer);

    protected abstract void Write(List<byte> bytes, Random random);

    private static string? ReadItems(ref MsgPackReader reader, int count)
    {
        var items = new StringBuilder();
        for (; count > 0; count--)
        {
            if (Read(ref reader) is not { } item) return null;
            items.Append(item).Append(';');
        }

        return items.ToString();
    }

    private static Gen<TestValue> Level(int depth)
    {
        var leaf = Gen.OneOf<TestValue>(
            Gen.Const<TestValue>(new Nil()),
            Gen.Bool.Select(flag => (TestValue)new Bool(flag)),
            Gen.Long.Select(Gen.Int[0, 63], (value, shift) => (TestValue)new Integer(value >> shift)),
            Gen.ULong.Select(value => (TestValue)new Integer(value)),
            Gen.ULong.Select(bits => (TestValue)new Float(bits)),
            Gen.String[0, 40].Select(text => (TestValue)new Text(Convert.ToHexString(Encoding.UTF8.GetBytes(text)))),
            Gen.Byte.Array[0, 270].Select(bytes => (TestValue)new Binary(Convert.ToHexString(bytes))),
            Gen.Select(Gen.SByte, Gen.Byte.Array[0, 20]).Select((type, bytes) => (TestValue)new Extension(type, Convert.ToHexString(bytes))));
        if (depth == 0) return leaf;
        var inner = Level(depth - 1);
        var most = depth == 3 ? 20 : 4;
        return Gen.Frequency(
            (3, leaf),
            (1, inner.Array[0, most].Select(items => (TestValue)new Container(false, string.Concat(items.Select(item => $"{item};"))) { Items = items })),
            (1, Gen.Select(inner, inner).Array[0, most].Select(pairs =>
            {
                TestValue[] items = [.. pairs.SelectMany(pair => new[] { pair.Item1, pair.Item2 })];
                return (TestValue)new Container(true, string.Concat(items.Select(item => $"{item};"))) { Items = items };
            })));
    }

    private static void WriteLength(List<byte> bytes, Random random, int length, byte? fix, int fixMax, byte? code8, byte code16, byte code32)
    {
        var forms = new List<byte[]>();
        if (fix is { } small && length <= fixMax) forms.Add([(byte)(small | length)]);
        if (code8 is { } code && length <= 0xff) forms.Add([code, (byte)length]);
        if (length <= 0xffff) forms.Add([code16, (byte)(length >> 8), (byte)length]);
        forms.Add([code32, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length]);
        bytes.AddRange(forms[random.Next(forms.Count)]);
    }

    private static byte[] BigEndian(byte code, UInt128 value, int size)
    {
        Span<byte> all = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(all, value);
        return [code, .. all[(16 - size)..]];
    }

    internal sealed record Nil : TestValue
    {
        public override void Write(MsgPackWriter writer) => writer.WriteNil();

        protected override void Write(List<byte> bytes, Random random) => bytes.Add(0xc0);
    }

    internal sealed record Bool(bool Value) : TestValue
    {
        public override void Write(MsgPackWriter writer) => writer.Write(Value);

        protected override void Write(List<byte> bytes, Random random) => bytes.Add((byte)(Value ? 0xc3 : 0xc2));
    }

    internal sealed record Integer(Int128 Value) : TestValue
    {
        public override void Write(MsgPackWriter writer)
        {
            if (Value < 0) writer.Write((long)Value);
            else writer.Write((ulong)Value);
        }

        protected override void Write(List<byte> bytes, Random random)
        {
            var forms = new List<byte[]>();
            if (Value >= -32 && Value <= 127) forms.Add([unchecked((byte)(long)Value)]);
            for (var power = 0; power < 4; power++)
            {
                var bits = 8 << power;
                if (Value >= 0 && Value < Int128.One << bits) forms.Add(BigEndian((byte)(0xcc + power), (UInt128)Value, bits / 8));
                var half = Int128.One << (bits - 1);
                if (Value >= -half && Value < half) forms.Add(BigEndian((byte)(0xd0 + power), unchecked((UInt128)Value), bits / 8));
            }

            bytes.AddRange(forms[random.Next(forms.Count)]);
        }
    }

    /// <summary>By its bits: NaNs count.</summary>
    internal sealed record Float(ulong Bits) : TestValue
    {
        public override void Write(MsgPackWriter writer) => writer.Write(BitConverter.UInt64BitsToDouble(Bits));

        protected override void Write(List<byte> bytes, Random random)
        {
            var value = BitConverter.UInt64BitsToDouble(Bits);
            var narrow = (float)value;
            if (BitConverter.DoubleToUInt64Bits(narrow) == Bits && random.Next(2) == 0)
            {
                bytes.AddRange(BigEndian(0xca, BitConverter.SingleToUInt32Bits(narrow), 4));
                return;
            }

            bytes.AddRange(BigEndian(0xcb, Bits, 8));
        }
    }

    internal sealed record Text(string Hex) : TestValue
    {
        public override void Write(MsgPackWriter writer) => writer.WriteString(Convert.FromHexString(Hex));

        protected override void Write(List<byte> bytes, Random random)
        {
            var content = Convert.FromHexString(Hex);
            WriteLength(bytes, random, content.Length, 0xa0, 31, 0xd9, 0xda, 0xdb);
            bytes.AddRange(content);
        }
    }

    internal sealed record Binary(string Hex) : TestValue
    {
        public override void Write(MsgPackWriter writer) => writer.WriteBinary(Convert.FromHexString(Hex));

        protected override void Write(List<byte> bytes, Random random)
        {
            var content = Convert.FromHexString(Hex);
            WriteLength(bytes, random, content.Length, null, 0, 0xc4, 0xc5, 0xc6);
            bytes.AddRange(content);
        }
    }

    internal sealed record Extension(sbyte Type, string Hex) : TestValue
    {
        public override void Write(MsgPackWriter writer) => writer.WriteExtension(Type, Convert.FromHexString(Hex));

        protected override void Write(List<byte> bytes, Random random)
        {
            var content = Convert.FromHexString(Hex);
            var power = Array.IndexOf([1, 2, 4, 8, 16], content.Length);
            if (power >= 0 && random.Next(2) == 0) bytes.Add((byte)(0xd4 + power));
            else WriteLength(bytes, random, content.Length, null, 0, 0xc7, 0xc8, 0xc9);
            bytes.Add((byte)Type);
            bytes.AddRange(content);
        }
    }

    /// <summary>An array or a map; equality is by the text of the items, since arrays have none.</summary>
    internal sealed record Container(bool IsMap, string Shown) : TestValue
    {
        public IReadOnlyList<TestValue> Items { get; init; } = [];

        public bool Equals(Container? other) => other is not null && other.IsMap == IsMap && other.Shown == Shown;

        public override int GetHashCode() => Shown.GetHashCode(StringComparison.Ordinal);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsMap ? 'm' : 'a')}[{Shown}]");

        public override void Write(MsgPackWriter writer)
        {
            if (IsMap) writer.WriteMapHeader(Items.Count / 2);
            else writer.WriteArrayHeader(Items.Count);
            foreach (var item in Items) item.Write(writer);
        }

        protected override void Write(List<byte> bytes, Random random)
        {
            if (IsMap) WriteLength(bytes, random, Items.Count / 2, 0x80, 15, null, 0xde, 0xdf);
            else WriteLength(bytes, random, Items.Count, 0x90, 15, null, 0xdc, 0xdd);
            foreach (var item in Items) item.Write(bytes, random);
        }
    }
}
