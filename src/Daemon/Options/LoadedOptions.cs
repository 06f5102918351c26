namespace DataLayer.Daemon.Options;

/// <summary>Checked options, and the file they came from (null: none).</summary>
internal sealed record LoadedOptions(DaemonOptions Options, string? File);
