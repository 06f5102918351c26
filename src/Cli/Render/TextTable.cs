using System.Text;
using DataLayer.Cli.Terminals;

namespace DataLayer.Cli.Render;

/// <summary>
/// Columns under a header, two spaces apart, numbers to the right; no lines, no wrapping. On a terminal text columns are cut (…) to fit its width.
/// </summary>
internal sealed class TextTable
{
    private const int Gap = 2;
    private const int MinCutWidth = 8;

    private readonly List<(string Header, bool IsRight)> _columns = [];
    private readonly List<Piece[]> _rows = [];

    public int RowCount => _rows.Count;

    public TextTable Text(params ReadOnlySpan<string> headers)
    {
        foreach (var header in headers) _columns.Add((header, false));
        return this;
    }

    public TextTable Number(params ReadOnlySpan<string> headers)
    {
        foreach (var header in headers) _columns.Add((header, true));
        return this;
    }

    public void Add(params Piece[] cells)
    {
        if (cells.Length != _columns.Count) throw new ArgumentException($"{cells.Length} cells for {_columns.Count} columns");
        _rows.Add(cells);
    }

    public void WriteTo(Terminal terminal, bool hasHeader = true, string indent = "")
    {
        var widths = Widths(hasHeader);
        if (terminal.IsOutTerminal) Fit(widths, terminal.Width - indent.Length);
        if (hasHeader) terminal.WriteLine(Line(_columns.Select(c => new Piece(c.Header, "dim")).ToArray(), widths, indent));
        foreach (var row in _rows) terminal.WriteLine(Line(row, widths, indent));
    }

    private int[] Widths(bool hasHeader)
    {
        var widths = _columns.Select(c => hasHeader ? c.Header.Length : 0).ToArray();
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length; i++) widths[i] = Math.Max(widths[i], Length(row[i].Text));
        }

        return widths;
    }

    /// <summary>Takes from the widest text column until all fit, or nothing can be cut any more.</summary>
    private void Fit(int[] widths, int available)
    {
        var excess = widths.Sum() + (Gap * (widths.Length - 1)) - available;
        while (excess > 0)
        {
            var widest = -1;
            for (var i = 0; i < widths.Length; i++)
            {
                if (!_columns[i].IsRight && widths[i] > MinCutWidth && (widest < 0 || widths[i] > widths[widest])) widest = i;
            }

            if (widest < 0) return;
            widths[widest]--;
            excess--;
        }
    }

    private Piece[] Line(Piece[] cells, int[] widths, string indent)
    {
        var pieces = new List<Piece>(cells.Length * 2);
        var pending = new StringBuilder(indent);
        for (var i = 0; i < cells.Length; i++)
        {
            var text = OneLine(cells[i].Text);
            var length = Length(text);
            if (length > widths[i])
            {
                text = Cut(text, widths[i]);
                length = widths[i];
            }

            if (_columns[i].IsRight) pending.Append(' ', widths[i] - length);
            if (pending.Length > 0) pieces.Add(pending.ToString());
            pieces.Add(cells[i] with { Text = text });
            pending.Clear();
            if (!_columns[i].IsRight) pending.Append(' ', widths[i] - length);
            pending.Append(' ', Gap);
        }

        // An empty last cell leaves no spaces at the end of the line.
        while (pieces.Count > 0 && string.IsNullOrWhiteSpace(pieces[^1].Text)) pieces.RemoveAt(pieces.Count - 1);
        return [.. pieces];
    }

    /// <summary>Values come from agents: a line break or an escape code in one must not break the table, or reach the terminal.</summary>
    public static string OneLine(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.Contains('\x7f') && !text.AsSpan().ContainsAnyInRange('\x80', '\x9f')) return text;
        var clean = new StringBuilder(text.Length);
        foreach (var c in text) clean.Append(char.IsControl(c) ? '·' : c);
        return clean.ToString();
    }

    private static string Cut(string text, int width)
    {
        var end = 0;
        for (var i = 0; i < text.Length && i < width - 1; i++) end = i + 1;
        if (end > 0 && char.IsHighSurrogate(text[end - 1])) end--;
        return text[..end] + "…";
    }

    private static int Length(string text)
    {
        var length = 0;
        foreach (var c in text) length += char.IsLowSurrogate(c) ? 0 : 1;
        return length;
    }
}
