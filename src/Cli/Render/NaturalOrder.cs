namespace DataLayer.Cli.Render;

/// <summary>Text by the numbers in it: core 2 before core 10. (The framework's numeric ordering needs ICU, which is off here.)</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static NaturalOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var a = x.AsSpan();
        var b = y.AsSpan();
        while (!a.IsEmpty && !b.IsEmpty)
        {
            var (left, right) = (Digits(a), Digits(b));
            if (left > 0 && right > 0)
            {
                var m = a[..left].TrimStart('0');
                var n = b[..right].TrimStart('0');
                var order = m.Length != n.Length ? m.Length - n.Length : m.SequenceCompareTo(n);
                if (order != 0) return order;
                a = a[left..];
                b = b[right..];
                continue;
            }

            if (a[0] != b[0]) return a[0] - b[0];
            a = a[1..];
            b = b[1..];
        }

        // Equal as far as the shorter goes; 02 and 2 are told apart as text.
        return a.Length != b.Length ? a.Length - b.Length : string.CompareOrdinal(x, y);
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && char.IsAsciiDigit(text[count])) count++;
        return count;
    }
}
