namespace DataLayer.Daemon.Options;

/// <summary>The daemon's arguments: a command, a configuration file and settings.</summary>
internal sealed class CommandLine
{
    public const string Help = """
        datalayerd: takes metrics over TCP, UDP and HTTP, stores each exactly once, answers queries.

        usage: datalayerd [run | validate | options] [flags]
          run         (default) runs until SIGTERM or SIGINT
          validate    checks the configuration and that the data folder can be written, and does nothing else
          options     lists every option with default, range and meaning

          --config FILE            configuration; else $DATALAYER_CONFIG, ./datalayer.json, /etc/datalayer/datalayer.json
          --data-dir FOLDER        where log and lake are (default data)
          --http ADDRESS:PORT      HTTP (default 127.0.0.1:7400)
          --ingest ADDRESS:PORT    TCP and UDP from agents (default 127.0.0.1:7401)
          --host-collector on|off  measure this host every second (default off)
          --set SECTION:KEY=VALUE  any option of docs/configuration.md, e.g. --set Lake:RawRetention=30d
          --version, --help

        exit codes: 0 stopped as asked, 64 wrong usage, 70 internal error or a resource that cannot be had, 78 wrong configuration
        """;

    private static readonly Dictionary<string, string> Flags = new(StringComparer.Ordinal)
    {
        ["--data-dir"] = "DataLayer:DataDir",
        ["--http"] = "DataLayer:Http",
        ["--ingest"] = "DataLayer:Ingest",
        ["--host-collector"] = "DataLayer:HostCollector",
    };

    public DaemonCommand Command { get; private set; } = DaemonCommand.Run;

    public string? ConfigPath { get; private set; }

    public List<Setting> Settings { get; } = [];

    /// <summary>Null, or what is wrong with the arguments.</summary>
    public string? Fault { get; private set; }

    public static CommandLine Parse(string[] args)
    {
        var line = new CommandLine();
        for (var at = 0; at < args.Length && line.Fault is null; at++) at += line.Take(args, at);
        return line;
    }

    /// <summary>Takes the argument at <paramref name="at"/>; returns how many more it has used up.</summary>
    private int Take(string[] args, int at)
    {
        switch (args[at])
        {
            case "run": Command = DaemonCommand.Run; return 0;
            case "validate": Command = DaemonCommand.Validate; return 0;
            case "options": Command = DaemonCommand.Options; return 0;
            case "--help" or "-h" or "help": Command = DaemonCommand.Help; return 0;
            case "--version": Command = DaemonCommand.Version; return 0;
        }

        var equals = args[at].StartsWith("--", StringComparison.Ordinal) ? args[at].IndexOf('=', StringComparison.Ordinal) : -1;
        var (name, value, more) = equals > 0 ? (args[at][..equals], args[at][(equals + 1)..], 0) : (args[at], at + 1 < args.Length ? args[at + 1] : null, 1);
        if (name is not ("--config" or "--set") && !Flags.ContainsKey(name)) Fault = $"\"{args[at]}\" is not a command or flag";
        else if (value is null) Fault = $"{name} needs a value";
        else if (name == "--config") ConfigPath = value;
        else if (name == "--set") TakeSetting(value);
        else Settings.Add(new Setting(Flags[name], value, name));
        return more;
    }

    private void TakeSetting(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            Fault = $"--set {text}: write SECTION:KEY=VALUE";
            return;
        }

        var path = text[..equals];
        if (!path.StartsWith("DataLayer:", StringComparison.OrdinalIgnoreCase)) path = "DataLayer:" + path;
        Settings.Add(new Setting(path, text[(equals + 1)..], "--set"));
    }
}
