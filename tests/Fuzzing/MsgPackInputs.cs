using System.Buffers.Binary;

namespace DataLayer.Fuzzing;

/// <summary>MessagePack values of all kinds, in any of their encodings, by code that shares nothing with the product.</summary>
internal static class MsgPackInputs
{
    public static byte[] Any(Random random)
    {
        var bytes = new List<byte>();
        Write(bytes, random, random.Next(5));
        return [.. bytes];
    }

    public static void Write(List<byte> bytes, Random random, int depth)
    {
        switch (random.Next(depth > 0 ? 14 : 10))
        {
            case 0: bytes.Add((byte)random.Next(0xc0, 0xc4) is var code && code == 0xc1 ? (byte)0xc0 : code); break;
            case 1: bytes.Add((byte)random.Next(0x80)); break;
            case 2: bytes.Add((byte)random.Next(0xe0, 0x100)); break;
            case 3: Fixed(bytes, random, (byte)random.Next(0xcc, 0xd4)); break;
            case 4: Fixed(bytes, random, (byte)random.Next(0xca, 0xcc)); break;
            case 5: Sized(bytes, random, 0xd9, random.Next(40), false); break;
            case 6:
                bytes.Add((byte)(0xa0 + (bytes.Count % 8)));
                bytes.AddRange(Noise(random, bytes[^1] - 0xa0));
                break;
            case 7: Sized(bytes, random, 0xc4, random.Next(40), false); break;
            case 8: Sized(bytes, random, 0xc7, random.Next(20), true); break;
            case 9:
                bytes.Add((byte)random.Next(0xd4, 0xd9));
                bytes.AddRange(Noise(random, 1 + (1 << (bytes[^1] - 0xd4))));
                break;
            default: Container(bytes, random, depth - 1); break;
        }
    }

    private static void Container(List<byte> bytes, Random random, int depth)
    {
        var (isMap, count) = (random.Next(2) == 0, random.Next(random.Next(1, 20)));
        switch (random.Next(3))
        {
            case 0 when count < 16: bytes.Add((byte)((isMap ? 0x80 : 0x90) + count)); break;
            case 1: bytes.AddRange([(byte)(isMap ? 0xde : 0xdc), 0, (byte)count]); break;
            default: bytes.AddRange([(byte)(isMap ? 0xdf : 0xdd), 0, 0, 0, (byte)count]); break;
        }

        for (var left = isMap ? count * 2 : count; left > 0; left--) Write(bytes, random, depth);
    }

    private static void Fixed(List<byte> bytes, Random random, byte code)
    {
        bytes.Add(code);
        var size = code switch { 0xca => 4, 0xcb => 8, _ => 1 << (code & 3) };
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64));
        bytes.AddRange(number[(8 - size)..]);
    }

    private static void Sized(List<byte> bytes, Random random, byte code8, int length, bool hasType)
    {
        var form = random.Next(3);
        bytes.Add((byte)(code8 + form));
        bytes.AddRange(new byte[(1 << form) - 1]);
        bytes.Add((byte)length);
        bytes.AddRange(Noise(random, length + (hasType ? 1 : 0)));
    }

    private static byte[] Noise(Random random, int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        if (random.Next(2) == 0) foreach (ref var letter in noise.AsSpan()) letter = (byte)('a' + (letter % 26));
        return noise;
    }
}
