namespace DataLayer.Daemon.Options;

/// <summary>The configuration cannot be used: one line per fault, each with key, value and what is allowed. Exit code 78.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    public ConfigurationException(string fault)
        : this([fault])
    {
    }

    public IReadOnlyList<string> Faults { get; } = faults;
}
