using System.Runtime.InteropServices;
using System.Text;
using DataLayer.Protocol;

namespace DataLayer.Cli.Input;

/// <summary>
/// Samples as text, one a line: <c>name{key="value",…} value [time]</c>, as Prometheus and OpenMetrics show them, with the time in Unix seconds or RFC 3339.
/// Lines that begin with # are passed over.
/// </summary>
internal sealed class LinesSource(TextReader input, DateTimeOffset now) : MessageSource(input)
{
    private readonly List<KeyValuePair<string, string>> _labels = [];
    private readonly StringBuilder _text = new();
    private long _line;

    public override bool TryNext(MsgPackWriter writer, out SourceItem item)
    {
        item = default;
        while (input.ReadLine() is { } text)
        {
            _line++;
            var rest = text.AsSpan().Trim();
            if (rest.IsEmpty || rest[0] == '#') continue;
            item = new SourceItem(_line, 1, Write(writer, rest));
            return true;
        }

        return false;
    }

    private string? Write(MsgPackWriter writer, ReadOnlySpan<char> rest)
    {
        _labels.Clear();
        var end = rest.IndexOfAny(" \t{");
        if (end <= 0) return end == 0 ? "no name before the labels" : "no value: a line is name{key=\"value\"} value [time]";
        var name = rest[..end];
        rest = rest[end..].TrimStart();
        if (rest.StartsWith("{") && ReadLabels(ref rest) is { } error) return error;

        // OpenMetrics puts an exemplar behind " # ": it is no part of the sample.
        var exemplar = rest.IndexOf(" # ");
        if (exemplar >= 0) rest = rest[..exemplar];
        var value = Word(ref rest);
        if (!SampleText.TryValue(value, out var number) || value.IsEmpty) return SampleText.NotANumber(value.ToString());
        var micros = SampleText.Micros(now);
        if (!rest.IsEmpty && !TimeText.TryParse(rest, now, out micros)) return $"the time '{rest}' is none; {TimeText.Expected}";
        MessageEncoder.WriteLine(writer, name.ToString(), CollectionsMarshal.AsSpan(_labels), micros, number);
        return null;
    }

    /// <summary>Reads <c>{key="value",…}</c>; null, or what is wrong.</summary>
    private string? ReadLabels(ref ReadOnlySpan<char> rest)
    {
        rest = rest[1..].TrimStart();
        while (!rest.StartsWith("}"))
        {
            var equals = rest.IndexOf('=');
            if (equals <= 0) return "labels are {key=\"value\",…}, with a } at the end";
            var key = rest[..equals].Trim().Trim('"').ToString();
            rest = rest[(equals + 1)..].TrimStart();
            if (!ReadQuoted(ref rest)) return $"the value of label '{key}' is not in quotes";
            _labels.Add(new(key, _text.ToString()));
            rest = rest.TrimStart();
            if (rest.StartsWith(",")) rest = rest[1..].TrimStart();
            else if (!rest.StartsWith("}")) return $"neither a comma nor a }} after label '{key}'";
        }

        rest = rest[1..].TrimStart();
        return null;
    }

    private bool ReadQuoted(ref ReadOnlySpan<char> rest)
    {
        _text.Clear();
        if (!rest.StartsWith("\"")) return false;
        for (var i = 1; i < rest.Length; i++)
        {
            var c = rest[i];
            if (c == '"')
            {
                rest = rest[(i + 1)..];
                return true;
            }

            if (c == '\\' && i + 1 < rest.Length)
            {
                i++;
                c = rest[i] == 'n' ? '\n' : rest[i];
            }

            _text.Append(c);
        }

        return false;
    }

    private static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAny(' ', '\t');
        var word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..].Trim();
        return word;
    }
}
