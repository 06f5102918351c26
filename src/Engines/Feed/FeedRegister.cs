using System.Text.Json;
using DataLayer.Engines.Lake;

namespace DataLayer.Engines.Feed;

/// <summary>
/// <c>engines.json</c> in the data folder: the identity of this log, and for each engine its state and a position that it has reached. Written to a new file, flushed and renamed.
/// Positions there are lower bounds, an engine's own is the truth. Safe from any thread.
/// </summary>
public sealed class FeedRegister
{
    private const int Format = 1;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private readonly Lock _lock = new();
    private readonly LakeStorage _storage = new();
    private readonly string _path;

    // Guarded by: _lock.
    private readonly Dictionary<string, FeedEntry> _entries;
    private bool _isDirty;

    private FeedRegister(string path, string source, Dictionary<string, FeedEntry> entries) => (_path, Source, _entries) = (path, source, entries);

    /// <summary>Identity of this data folder's log; engines keep a position for each.</summary>
    public string Source { get; }

    /// <summary>Reads the register, or begins one. Throws <see cref="EngineException"/> when it cannot be read: a new identity would write everything again.</summary>
    public static FeedRegister Open(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "engines.json");
        try
        {
            if (!File.Exists(path))
            {
                var fresh = new FeedRegister(path, Guid.NewGuid().ToString(), []);
                fresh._isDirty = true;
                fresh.Save();
                return fresh;
            }

            var file = JsonSerializer.Deserialize<RegisterFile>(File.ReadAllBytes(path)) ?? throw new JsonException("it is empty");
            if (file.Source is null || file.Engines is null) throw new JsonException("it has no source or no engines");
            if (file.Format != Format) throw new JsonException($"it is of format {file.Format}, this release knows {Format}");
            return new FeedRegister(path, file.Source, new(file.Engines, StringComparer.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new EngineException($"{path} cannot be read: {error.Message}. It says how far the engines are: restore it from a backup; without it (delete it) each engine is filled anew.", isTransient: false, error);
        }
    }

    public FeedEntry? Find(string engine)
    {
        lock (_lock) return _entries.GetValueOrDefault(engine);
    }

    /// <summary>The engines there are entries of.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_lock) return [.. _entries.Keys];
        }
    }

    /// <summary>Remembers a state, durably when this returns. Throws <see cref="EngineException"/>.</summary>
    public void Put(string engine, FeedEntry entry)
    {
        Remember(engine, entry);
        Save();
    }

    /// <summary>Remembers where an engine stands; durable with the next <see cref="Save"/>.</summary>
    public void Remember(string engine, FeedEntry entry)
    {
        lock (_lock)
        {
            if (_entries.GetValueOrDefault(engine) == entry) return;
            _entries[engine] = entry;
            _isDirty = true;
        }
    }

    /// <summary>The engine is no longer configured.</summary>
    public void Remove(string engine)
    {
        lock (_lock) _isDirty |= _entries.Remove(engine);
        Save();
    }

    /// <summary>Makes what was remembered durable. Throws <see cref="EngineException"/>.</summary>
    public void Save()
    {
        lock (_lock)
        {
            if (!_isDirty) return;
            try
            {
                var temporary = _path + ".new";
                File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(new RegisterFile(Format, Source, _entries), Json));
                _storage.Publish(temporary, _path);
                _storage.FlushFolder(Path.GetDirectoryName(_path)!);
                _isDirty = false;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new EngineException($"{_path} cannot be written: {error.Message}", isTransient: true, error);
            }
        }
    }

    private sealed record RegisterFile(int Format, string Source, Dictionary<string, FeedEntry> Engines);
}
