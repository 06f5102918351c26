using System.Text;

namespace DataLayer.Cli.Input;

/// <summary>Reads rows of CSV (RFC 4180; line feeds alone too). A quoted field may hold commas, quotes and line breaks. Empty lines are passed over.</summary>
internal sealed class CsvReader(TextReader reader)
{
    private readonly StringBuilder _field = new();
    private long _line;

    /// <summary>Where the last row began, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The next row's fields; false at the end. <paramref name="error"/>: the row is broken, and the next can be read.</summary>
    public bool TryRead(List<string> fields, out string? error)
    {
        error = null;
        fields.Clear();
        string? text;
        do
        {
            text = reader.ReadLine();
            if (text is null) return false;
            _line++;
        }
        while (text.Length == 0);

        Line = _line;
        var at = 0;
        while (true)
        {
            if (!TryField(ref text, ref at, out error)) return true;
            fields.Add(_field.ToString());
            if (at >= text.Length) return true;
            at++;
        }
    }

    /// <summary>Reads one field to the comma or the end of the row; goes on over lines while a quote is open.</summary>
    private bool TryField(ref string text, ref int at, out string? error)
    {
        error = null;
        _field.Clear();
        if (at >= text.Length || text[at] != '"')
        {
            var comma = text.IndexOf(',', at);
            var end = comma < 0 ? text.Length : comma;
            _field.Append(text, at, end - at);
            at = end;
            return true;
        }

        at++;
        while (true)
        {
            var quote = text.IndexOf('"', at);
            if (quote < 0)
            {
                _field.Append(text, at, text.Length - at).Append('\n');
                if (reader.ReadLine() is not { } next) return Fail("a quote is not closed", out error);
                _line++;
                (text, at) = (next, 0);
                continue;
            }

            _field.Append(text, at, quote - at);
            at = quote + 1;
            if (at < text.Length && text[at] == '"')
            {
                _field.Append('"');
                at++;
                continue;
            }

            return at >= text.Length || text[at] == ',' || Fail("text after a closing quote", out error);
        }
    }

    private static bool Fail(string message, out string? error)
    {
        error = message;
        return false;
    }
}
