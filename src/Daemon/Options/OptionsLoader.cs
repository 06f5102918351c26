using System.Collections;

namespace DataLayer.Daemon.Options;

/// <summary>Reads datalayer.json, the environment and the flags, in this order, and checks all of it before anything opens.</summary>
internal static class OptionsLoader
{
    private static readonly string[] DefaultFiles = ["datalayer.json", "/etc/datalayer/datalayer.json"];

    private static readonly Dictionary<string, string> ShortForms = new(StringComparer.Ordinal)
    {
        ["DATALAYER_DATA_DIR"] = "DataLayer:DataDir",
        ["DATALAYER_HTTP"] = "DataLayer:Http",
        ["DATALAYER_INGEST"] = "DataLayer:Ingest",
        ["DATALAYER_HOST_COLLECTOR"] = "DataLayer:HostCollector",
    };

    /// <summary>The options and where they came from. Throws <see cref="ConfigurationException"/> with every fault found.</summary>
    public static LoadedOptions Load(CommandLine commandLine, IDictionary environment)
    {
        var path = commandLine.ConfigPath ?? environment["DATALAYER_CONFIG"] as string;
        if (path is not null && !File.Exists(path)) throw new ConfigurationException($"{path}: there is no such configuration file.");
        path ??= DefaultFiles.FirstOrDefault(File.Exists);

        var settings = new List<Setting>();
        if (path is not null) settings.AddRange(FromFile(path));
        settings.AddRange(FromEnvironment(environment));
        settings.AddRange(commandLine.Settings);
        return new LoadedOptions(Apply(settings), path);
    }

    private static DaemonOptions Apply(List<Setting> settings)
    {
        var options = new DaemonOptions();
        var faults = new List<string>();
        var engines = new EngineEntries();
        foreach (var setting in Joined(settings))
        {
            if (engines.Takes(setting)) continue;
            var key = OptionCatalog.Find(setting.Path);
            if (key is null) faults.Add($"{setting.Origin}: {setting.Path} is not an option{Nearest(setting.Path)}; docs/configuration.md lists all.");
            else if (key.Write(options, setting.Value) is { } fault) faults.Add($"{setting.Origin}: {key.Path} = {(key.IsSecret ? "…" : $"\"{setting.Value}\"")} {fault}.");
        }

        options.Engines = engines.Read(faults);
        if (faults.Count == 0) faults.AddRange(options.Faults());
        return faults.Count == 0 ? options : throw new ConfigurationException(faults);
    }

    // A JSON array reaches us as Key:0, Key:1 …; it is one value of a list option.
    private static IEnumerable<Setting> Joined(List<Setting> settings)
    {
        foreach (var group in settings.GroupBy(setting => (setting.Origin, Path: ListPath(setting.Path))))
        {
            if (group.All(setting => setting.Path == group.Key.Path))
            {
                yield return group.Last();
                continue;
            }

            yield return new Setting(group.Key.Path, string.Join(",", group.Select(setting => setting.Value)), group.Key.Origin);
        }
    }

    private static string ListPath(string path)
    {
        var at = path.LastIndexOf(':');
        return at > 0 && int.TryParse(path.AsSpan(at + 1), out _) && OptionCatalog.Find(path[..at]) is { IsList: true } ? path[..at] : path;
    }

    private static List<Setting> FromFile(string path)
    {
        try
        {
            var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream(File.ReadAllBytes(path))).Build();
            return [.. root.AsEnumerable().Where(pair => pair.Value is not null).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new Setting(pair.Key, pair.Value!, path))];
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException or System.Text.Json.JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path}: {(error.InnerException ?? error).Message}");
        }
    }

    private static IEnumerable<Setting> FromEnvironment(IDictionary environment)
    {
        foreach (var name in environment.Keys.Cast<string>().Order(StringComparer.Ordinal))
        {
            if (environment[name] is not string value) continue;
            if (ShortForms.TryGetValue(name, out var path)) yield return new Setting(path, value, name);
            if (!name.StartsWith("DataLayer__", StringComparison.OrdinalIgnoreCase)) continue;
            yield return new Setting("DataLayer:" + name["DataLayer__".Length..].Replace("__", ":", StringComparison.Ordinal), value, name);
        }
    }

    private static string Nearest(string path)
    {
        var last = path[(path.LastIndexOf(':') + 1)..];
        var near = OptionCatalog.Keys.FirstOrDefault(key => key.Path.EndsWith(":" + last, StringComparison.OrdinalIgnoreCase) || ("DataLayer:" + path).Equals(key.Path, StringComparison.OrdinalIgnoreCase));
        return near is null ? "" : $" (did you mean {near.Path}?)";
    }
}
