using System.Text.RegularExpressions;

namespace DataLayer.House.Tests;

/// <summary>Sizes of a C# file by matching braces: close enough to hold limits, and no compiler needed.</summary>
internal sealed partial class SourceShape
{
    public SourceShape(string text)
    {
        Lines = text.Count(c => c == '\n');
        var code = Hidden().Replace(text, match => NotNewline().Replace(match.Value, " "));
        var open = new Stack<(char Kind, int At)>();
        var last = 0;
        foreach (Match brace in Brace().Matches(code))
        {
            var head = code[last..brace.Index];
            last = brace.Index + 1;
            if (brace.Value == "{") open.Push((KindOf(head, open), brace.Index));
            else if (brace.Value == "}" && open.TryPop(out var block)) Close(block, brace.Index, code, open);
        }
    }

    public int Lines { get; }

    public List<int> MethodLines { get; } = [];

    public int TopLevelTypes { get; private set; }

    private static char KindOf(string head, Stack<(char Kind, int At)> open)
    {
        if (Namespace().IsMatch(head)) return 'n';
        var outer = open.Count == 0 ? 'n' : open.Peek().Kind;
        if (outer is 'n' or 't' && Type().IsMatch(head) && !head.Contains("new ", StringComparison.Ordinal)) return 't';
        return outer == 't' && head.Contains(')', StringComparison.Ordinal) && !head.Contains("=>", StringComparison.Ordinal) && !Initializer().IsMatch(head) ? 'm' : 'x';
    }

    private void Close((char Kind, int At) block, int end, string code, Stack<(char Kind, int At)> open)
    {
        if (block.Kind == 'm') MethodLines.Add(code.AsSpan(block.At, end - block.At).Count('\n') + 1);
        if (block.Kind == 't' && open.All(outer => outer.Kind == 'n')) TopLevelTypes++;
    }

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|\$*\"{3,}.*?\"{3,}|@\$?"(?:[^"]|"")*"|\$?"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\])+'""", RegexOptions.Singleline)]
    private static partial Regex Hidden();

    [GeneratedRegex(@"[^\n]")]
    private static partial Regex NotNewline();

    [GeneratedRegex("[{};]")]
    private static partial Regex Brace();

    [GeneratedRegex(@"\bnamespace\b")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\b(class|struct|interface|enum|record(?:\s+(?:class|struct))?)\s+\w+")]
    private static partial Regex Type();

    [GeneratedRegex(@"=\s*(new|\[)")]
    private static partial Regex Initializer();
}
