namespace DataLayer.Daemon.Options;

/// <summary>One key and value as found in a file, the environment or a flag; <paramref name="Origin"/> says which.</summary>
internal sealed record Setting(string Path, string Value, string Origin);
