namespace DataLayer.Daemon.Hosting;

/// <summary>The daemon cannot start, and a person can do something about it: one line says what. Exit code 70.</summary>
internal sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
