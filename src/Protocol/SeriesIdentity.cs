using System.Text;

namespace DataLayer.Protocol;

/// <summary>A series as people see it: its name and its labels, sorted by the bytes of their names. Immutable.</summary>
public sealed class SeriesIdentity
{
    private SeriesIdentity(string name, KeyValuePair<string, string>[] labels)
    {
        Name = name;
        Labels = labels;
    }

    public string Name { get; }

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; }

    /// <summary>Decodes a canonical key. Throws <see cref="FormatException"/> where it is none.</summary>
    public static SeriesIdentity FromKey(ReadOnlySpan<byte> key)
    {
        var reader = new SeriesKeyReader(key);
        var labels = new KeyValuePair<string, string>[reader.LabelCount];
        for (var i = 0; reader.TryNext(out var name, out var value); i++)
        {
            labels[i] = new KeyValuePair<string, string>(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value));
        }

        if (!reader.IsAtEnd) throw new FormatException("Not a canonical series key.");
        return new SeriesIdentity(Encoding.UTF8.GetString(reader.Name), labels);
    }

    /// <summary>The value of a label, or null where the series has no such label.</summary>
    public string? this[string label]
    {
        get
        {
            foreach (var (name, value) in Labels)
            {
                if (name == label) return value;
            }

            return null;
        }
    }

    /// <summary>As Prometheus writes it: <c>name{a="b",c="d"}</c>, with \, " and line feeds escaped; just the name where there are no labels.</summary>
    public override string ToString()
    {
        if (Labels.Count == 0) return Name;
        var text = new StringBuilder(Name).Append('{');
        var separator = string.Empty;
        foreach (var (name, value) in Labels)
        {
            text.Append(separator).Append(name).Append("=\"");
            foreach (var character in value)
            {
                text.Append(character switch
                {
                    '\\' => "\\\\",
                    '"' => "\\\"",
                    '\n' => "\\n",
                    _ => null,
                });
                if (character is not ('\\' or '"' or '\n')) text.Append(character);
            }

            text.Append('"');
            separator = ",";
        }

        return text.Append('}').ToString();
    }
}
