using System.Reflection;

namespace DataLayer.Daemon;

/// <summary>The version that the build gave the assembly.</summary>
internal static class DaemonVersion
{
    public static string Text { get; } = Find();

    private static string Find()
    {
        var text = typeof(DaemonVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        return plus > 0 && text.Length > plus + 9 ? text[..(plus + 9)] : text;
    }
}
