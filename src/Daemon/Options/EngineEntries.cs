using System.Globalization;
using System.Text.RegularExpressions;
using DataLayer.Engines;
using DataLayer.Engines.Feed;

namespace DataLayer.Daemon.Options;

/// <summary>The list of engines, as it is put together from single settings. Used once.</summary>
internal sealed partial class EngineEntries
{
    public const string Path = "DataLayer:Engines";

    private static readonly Dictionary<string, (int BatchRows, TimeSpan FlushInterval)> Kinds = new(StringComparer.Ordinal)
    {
        ["postgres"] = (10_000, TimeSpan.FromMilliseconds(50)),
        ["clickhouse"] = (100_000, TimeSpan.FromSeconds(1)), // Parts stay few.
        ["redis"] = (10_000, TimeSpan.FromMilliseconds(2)), // Subscribers wait for it.
        ["mongo"] = (10_000, TimeSpan.FromMilliseconds(50)),
    };

    private static readonly string[] Contents = ["raw", "rollups", "latest"];

    private readonly SortedDictionary<int, Dictionary<string, Setting>> _entries = [];

    /// <summary>Takes a setting that belongs to an entry of the list.</summary>
    public bool Takes(Setting setting)
    {
        if (!setting.Path.StartsWith(Path + ":", StringComparison.OrdinalIgnoreCase)) return false;
        var rest = setting.Path[(Path.Length + 1)..];
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !int.TryParse(rest.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return false;
        if (!_entries.TryGetValue(index, out var entry)) _entries[index] = entry = new Dictionary<string, Setting>(StringComparer.OrdinalIgnoreCase);
        entry[rest[(colon + 1)..]] = setting;
        return true;
    }

    /// <summary>The engines; what is wrong with them goes to <paramref name="faults"/>.</summary>
    public List<EngineSpec> Read(List<string> faults)
    {
        var specs = new List<EngineSpec>();
        foreach (var (index, settings) in _entries)
        {
            var known = faults.Count;
            var (entry, own) = Fill(settings, faults);
            if (faults.Count == known && entry.Kind != "lake") Add(specs, index, entry, own, settings, faults);
        }

        return specs;
    }

    private static (EngineEntry Entry, Dictionary<string, string> Own) Fill(Dictionary<string, Setting> settings, List<string> faults)
    {
        var entry = new EngineEntry();
        var own = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, setting) in Joined(settings))
        {
            if (name.StartsWith("Settings:", StringComparison.OrdinalIgnoreCase))
            {
                own[name["Settings:".Length..]] = setting.Value;
                continue;
            }

            var key = OptionCatalog.EngineKeys.FirstOrDefault(key => key.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (key is null) faults.Add($"{setting.Origin}: {setting.Path} is not an option; what is the kind's own goes under Settings; docs/configuration.md lists all.");
            else if (key.Write(entry, setting.Value) is { } fault) faults.Add($"{setting.Origin}: {setting.Path} = {(key.IsSecret ? "…" : $"\"{setting.Value}\"")} {fault}.");
        }

        return (entry, own);
    }

    // A JSON array of the entry reaches us as Names:0, Names:1 …
    private static IEnumerable<(string Name, Setting Setting)> Joined(Dictionary<string, Setting> settings) =>
        settings.GroupBy(pair => ListName(pair.Key)).Select(group => (group.Key, group.Count() == 1 ? group.First().Value
            : group.First().Value with { Value = string.Join(",", group.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value.Value)) }));

    private static string ListName(string name)
    {
        var colon = name.LastIndexOf(':');
        return colon > 0 && int.TryParse(name.AsSpan(colon + 1), out _) && OptionCatalog.EngineKeys.Any(key => key.IsList && key.Name.Equals(name[..colon], StringComparison.OrdinalIgnoreCase)) ? name[..colon] : name;
    }

    private static void Add(List<EngineSpec> specs, int index, EngineEntry entry, Dictionary<string, string> own, Dictionary<string, Setting> settings, List<string> faults)
    {
        var at = $"{Path}:{index}";
        var name = entry.Name.Length > 0 ? entry.Name : entry.Kind;
        if (!Kinds.TryGetValue(entry.Kind, out var usual)) faults.Add($"{at}:Kind = \"{entry.Kind}\" is none of {string.Join(", ", Kinds.Keys)}.");
        else if (!NameShape().IsMatch(name) || name == "lake") faults.Add($"{at}:Name = \"{name}\" is not lower-case letters, digits, - and _ (64 at most), or is taken by the embedded lake.");
        else if (specs.Exists(spec => spec.Engine.Name == name)) faults.Add($"{at}:Name = \"{name}\" is another engine's already: give each a name of its own.");
        if (entry.WhenLogFull is not ("refuse" or "detach")) faults.Add($"{at}:WhenLogFull = \"{entry.WhenLogFull}\" is neither refuse nor detach.");
        if (entry.Takes.FirstOrDefault(what => !Contents.Contains(what)) is { } unknown) faults.Add($"{at}:Takes: \"{unknown}\" is none of {string.Join(", ", Contents)}.");
        if (entry.Labels.FirstOrDefault(label => label.IndexOf('=', StringComparison.Ordinal) <= 0) is { } bad) faults.Add($"{at}:Labels: \"{bad}\" is not label=value.");
        foreach (var file in new[] { entry.TlsCa, entry.TlsCertificate, entry.TlsKey }.Where(file => file.Length > 0 && !File.Exists(file))) faults.Add($"{at}: there is no file {file}.");
        var connection = Secret(at, "ConnectionString", entry.ConnectionString, entry.ConnectionStringFile, faults);
        var password = Secret(at, "Password", entry.Password, entry.PasswordFile, faults);
        if (connection.Length == 0) faults.Add($"{at}:ConnectionString is empty: say where the server is.");
        if (faults.Count > 0) return;

        var fingerprint = string.Join('\n', settings.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase).Select(pair => $"{pair.Key}={pair.Value.Value}").Append(connection).Append(password));
        specs.Add(new EngineSpec(EngineOptionsOf(entry, name, connection, password, own, usual), FeedOptionsOf(entry, usual), fingerprint));
    }

    private static EngineOptions EngineOptionsOf(EngineEntry entry, string name, string connection, string password, Dictionary<string, string> own, (int BatchRows, TimeSpan FlushInterval) usual) => new()
    {
        Name = name,
        Kind = entry.Kind,
        ConnectionString = connection,
        Username = NullIfEmpty(entry.Username),
        Password = NullIfEmpty(password),
        PoolSize = entry.PoolSize,
        BatchRows = entry.BatchRows > 0 ? entry.BatchRows : usual.BatchRows,
        BatchBytes = entry.BatchBytes,
        FlushInterval = entry.FlushInterval > TimeSpan.Zero ? entry.FlushInterval : usual.FlushInterval,
        Timeout = entry.Timeout,
        Compression = entry.Compression,
        Takes = entry.Takes,
        Retention = entry.Retention > TimeSpan.Zero ? entry.Retention : null,
        TlsCa = NullIfEmpty(entry.TlsCa),
        TlsCertificate = NullIfEmpty(entry.TlsCertificate),
        TlsKey = NullIfEmpty(entry.TlsKey),
        Settings = own,
    };

    private static FeedOptions FeedOptionsOf(EngineEntry entry, (int BatchRows, TimeSpan FlushInterval) usual) => new()
    {
        BatchRows = entry.BatchRows > 0 ? entry.BatchRows : usual.BatchRows,
        BatchBytes = entry.BatchBytes,
        FlushInterval = entry.FlushInterval > TimeSpan.Zero ? entry.FlushInterval : usual.FlushInterval,
        Names = entry.Names,
        Labels = [.. entry.Labels.Select(label => label.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1]))],
        DetachesWhenFull = entry.WhenLogFull == "detach",
        Backfills = entry.Backfill,
    };

    private static string Secret(string at, string key, string value, string file, List<string> faults)
    {
        if (file.Length == 0) return value;
        if (value.Length > 0) faults.Add($"{at}: {key} and {key}File are both given: keep one.");
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{at}:{key}File = \"{file}\" cannot be read: {error.Message}");
            return "";
        }
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    [GeneratedRegex("^[a-z0-9][a-z0-9_-]{0,63}$")]
    private static partial Regex NameShape();
}
