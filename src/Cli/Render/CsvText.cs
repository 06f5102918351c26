namespace DataLayer.Cli.Render;

/// <summary>RFC 4180, with a line feed at the end of lines.</summary>
internal static class CsvText
{
    public static string Line(params IEnumerable<string> fields) => string.Join(',', fields.Select(Field));

    public static string Field(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;
}
