using System.Buffers.Binary;

namespace DataLayer.Fuzzing;

/// <summary>Changes that make a right input nearly right: they hit type codes, lengths, counts, borders and repetitions.</summary>
internal static class Mutation
{
    /// <summary>The first bytes of MessagePack's kinds, and of numbers at the ends of their range.</summary>
    private static readonly byte[] Borders = [0x00, 0x01, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcc, 0xcf, 0xd0, 0xd3, 0xd4, 0xd8, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff];

    /// <summary>What breaks readers of text: numbers out of range, separators, quotes, nesting, half characters.</summary>
    private static readonly string[] Words =
    [
        "", "0", "-0", "-1", "1e999", "-1e-999", "NaN", "-Infinity", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551616",
        "79228162514264337593543950335", "0.0000000000000000000000000001", "999999999999999999999999999999999999", "2147483648", "\"", "'", "\"\"", "\\", "\\u0000", "\\ud800", "\ud800", "\udc00",
        "\0", "\r\n", "\n", "\t", " ", ",", ";", ":", "=", "{", "}", "[", "]", "{}", "[]", "null", "true", "[[[[[[[[", "{\"a\":", "\u00e9", "\u2028", "\uFEFF", "--", "/*", "*/", "%", "&", "+", "-", ".", "d", "h", "ms", "TiB", "..", "/",
    ];

    public static byte[] Of(Random random, byte[] bytes)
    {
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            var to = Math.Min(bytes.Length, at + random.Next(1, 20));
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = Borders[random.Next(Borders.Length)];
                    break;
                case 2:
                    bytes = [.. bytes[..at], .. bytes[to..]];
                    break;
                case 3:
                    bytes = [.. bytes[..to], .. bytes[at..]];
                    break;
                case 4:
                    bytes = bytes[..at];
                    break;
                case 5:
                    bytes = [.. bytes[..at], .. Enumerable.Repeat(Borders[random.Next(Borders.Length)], random.Next(1, 40)), .. bytes[at..]];
                    break;
                case 6 when bytes.Length - at >= 4:
                    WriteNumber(random, bytes.AsSpan(at));
                    break;
            }
        }

        return bytes;
    }

    public static string Of(Random random, string text)
    {
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(text.Length + 1);
            var to = Math.Min(text.Length, at + random.Next(1, 12));
            text = random.Next(6) switch
            {
                0 => text[..at] + Words[random.Next(Words.Length)] + text[to..],
                1 => text[..at] + Words[random.Next(Words.Length)] + text[at..],
                2 => text[..at] + text[to..],
                3 => text[..to] + text[at..],
                4 => text[..at] + string.Concat(Enumerable.Repeat(text[at..to], random.Next(1, 40))) + text[to..],
                _ => text[..at] + (char)random.Next(random.Next(2) == 0 ? 128 : 65_536) + text[at..],
            };
        }

        return text;
    }

    private static void WriteNumber(Random random, Span<byte> at)
    {
        var number = (uint)random.Next() >> random.Next(31);
        if (random.Next(2) == 0) BinaryPrimitives.WriteUInt32BigEndian(at, number);
        else BinaryPrimitives.WriteUInt32LittleEndian(at, number);
    }
}
