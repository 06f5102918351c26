namespace DataLayer.Daemon.Options;

/// <summary>Marks a property as an option and says what it means. Bounds are written as the option itself is written: "1 MiB", "10 s".</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionAttribute(string meaning) : Attribute
{
    public string Meaning { get; } = meaning;

    /// <summary>The least value allowed, in the option's own notation; null: no bound.</summary>
    public string? Min { get; init; }

    /// <summary>The greatest value allowed.</summary>
    public string? Max { get; init; }

    /// <summary>The option is a number of bytes, and may carry a unit.</summary>
    public bool IsBytes { get; init; }

    /// <summary>Never shown in messages or logs.</summary>
    public bool IsSecret { get; init; }
}
