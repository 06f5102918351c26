using System.Text;

namespace DataLayer.Protocol.Tests;

/// <summary>A name and labels around the limits, and by plain rules whether they are a series.</summary>
internal sealed class SeriesInput
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public SeriesInput(Random random)
    {
        Name = Text(random, 255);
        Labels = [.. Enumerable.Range(0, random.Next(20) == 0 ? random.Next(60, 70) : random.Next(6)).Select(at => (random.Next(3) == 0 ? Text(random, 255) : Encoding.UTF8.GetBytes($"l{(random.Next(20) == 0 ? 0 : at)}"), Text(random, 4096)))];
    }

    public byte[] Name { get; }

    public (byte[] Name, byte[] Value)[] Labels { get; }

    public bool IsRight =>
        Name.Length is > 0 and <= 255 && IsUtf8(Name) && !Encoding.UTF8.GetString(Name).Any(char.IsControl)
        && Labels.Length <= 64
        && Array.TrueForAll(Labels, label => label.Name.Length is > 0 and <= 255 && label.Value.Length <= 4096 && IsUtf8(label.Name) && IsUtf8(label.Value))
        && Labels.Select(label => Convert.ToHexString(label.Name)).Distinct().Count() == Labels.Length;

    public IEnumerable<(string Name, string Value)> Expected =>
        Labels.Where(label => label.Value.Length > 0).OrderBy(label => Convert.ToHexString(label.Name), StringComparer.Ordinal)
            .Select(label => (Encoding.UTF8.GetString(label.Name), Encoding.UTF8.GetString(label.Value)));

    public override string ToString() => $"{Convert.ToHexString(Name)} {string.Join(' ', Labels.Select(label => $"{Convert.ToHexString(label.Name)}={Convert.ToHexString(label.Value)}"))}";

    private static bool IsUtf8(byte[] bytes)
    {
        try
        {
            Strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static byte[] Text(Random random, int limit)
    {
        var length = random.Next(12) switch { 0 => 0, 1 => limit, 2 => limit + 1, _ => random.Next(1, 12) };
        var text = Enumerable.Repeat((byte)'x', length).ToArray();
        if (length == 0) return text;
        var at = random.Next(length);
        byte[] odd = random.Next(10) switch { 0 => [0xc3, 0xa9], 1 => [0xc2, 0x85], 2 => [0xc2, 0xa0], 3 => [0x7f], 4 => [0xed, 0xa0, 0x80], 5 => [0xf0, 0x9f, 0x98, 0x80], 6 => [0xff], _ => [(byte)'y'] };
        odd.AsSpan(0, Math.Min(odd.Length, length - at)).CopyTo(text.AsSpan(at));
        return text;
    }
}
