using System.Net;
using System.Reflection;

namespace DataLayer.Daemon.Options;

/// <summary>One option: its key, meaning, default and bounds, and how to set it.</summary>
/// <param name="root">The path of what holds the section: "DataLayer", or "DataLayer:Engines:N".</param>
/// <param name="create">What holds the section, with its defaults.</param>
internal sealed class OptionKey(string root, Func<object> create, PropertyInfo? section, PropertyInfo property, OptionAttribute attribute)
{
    /// <summary>"DataLayer:Section:Key", as in datalayer.json.</summary>
    public string Path { get; } = root + ":" + (section is null ? "" : section.Name + ":") + property.Name;

    public string Name => property.Name;

    public string Meaning => attribute.Meaning;

    public bool IsSecret => attribute.IsSecret;

    public string Default => Read(create());

    public bool IsList => property.PropertyType == typeof(string[]);

    /// <summary>What is allowed, for people.</summary>
    public string Allowed
    {
        get
        {
            var type = property.PropertyType;
            if (type == typeof(bool)) return "on, off";
            if (type == typeof(IPEndPoint)) return "address:port";
            if (type == typeof(string)) return "text";
            if (IsList) return "a list of texts";
            return attribute.Min is null && attribute.Max is null ? "any number" : $"{attribute.Min ?? "…"} to {attribute.Max ?? "…"}";
        }
    }

    /// <summary>The value in <paramref name="options"/>, as it is written in configuration.</summary>
    public string Read(object options) => OptionText.Format(property.GetValue(Owner(options)), attribute.IsBytes);

    /// <summary>Sets the option; the fault for people when the text is no allowed value.</summary>
    public string? Write(object options, string text)
    {
        if (IsList)
        {
            property.SetValue(Owner(options), text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            return null;
        }

        if (!OptionText.TryParse(property.PropertyType, attribute.IsBytes, text, out var value)) return $"is not a value of this option ({Allowed})";
        if (attribute.Min is { } min && Compare(value, min) < 0) return $"is out of range ({Allowed})";
        if (attribute.Max is { } max && Compare(value, max) > 0) return $"is out of range ({Allowed})";
        property.SetValue(Owner(options), value);
        return null;
    }

    private int Compare(object value, string bound)
    {
        if (!OptionText.TryParse(property.PropertyType, attribute.IsBytes, bound, out var limit)) throw new InvalidOperationException($"{Path}: the bound {bound} cannot be read.");
        return ((IComparable)value).CompareTo(limit);
    }

    private object Owner(object options) => section is null ? options : section.GetValue(options)!;
}
