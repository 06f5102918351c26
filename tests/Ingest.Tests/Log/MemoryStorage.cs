using DataLayer.Ingest.Log;

namespace DataLayer.Ingest.Tests.Log;

/// <summary>
/// A file system in memory with two states: what a running process sees, and what is on disk. <see cref="Crash"/> keeps of the writes since the last flush
/// what chance lets it keep, in any order, torn at sectors. Faults can be asked for by operation.
/// </summary>
internal sealed class MemoryStorage : ILogStorage
{
    public const int SectorBytes = 512;

    private readonly Lock _lock = new();
    private Dictionary<string, MemoryFile> _names = [];
    private Dictionary<string, MemoryFile> _durableNames = [];

    public string Folder => "/memory/log";

    /// <summary>Throws to refuse: operation ("create", "open", "write", "sync", "rename", "delete", "sync folder") and name.</summary>
    public Action<string, string>? Fault { get; set; }

    public IReadOnlyDictionary<string, MemoryFile> Files => _names;

    public IReadOnlyList<string> List()
    {
        lock (_lock) return [.. _names.Keys];
    }

    public ILogFile Create(string name, long reserveBytes)
    {
        Check("create", name);
        lock (_lock) return new MemoryHandle(this, _names[name] = new MemoryFile(reserveBytes), name);
    }

    public ILogFile Open(string name, bool writable)
    {
        Check("open", name);
        lock (_lock)
        {
            return _names.TryGetValue(name, out var file) ? new MemoryHandle(this, file, name) : throw new LogIoException("open", name, LogIoException.NotFound);
        }
    }

    public void Rename(string from, string to)
    {
        Check("rename", from);
        lock (_lock)
        {
            if (!_names.Remove(from, out var file)) throw new LogIoException("rename", from, LogIoException.NotFound);
            _names[to] = file;
        }
    }

    public void Delete(string name)
    {
        Check("delete", name);
        lock (_lock) _names.Remove(name);
    }

    public void SyncFolder()
    {
        Check("sync folder", "");
        lock (_lock) _durableNames = new Dictionary<string, MemoryFile>(_names);
    }

    /// <summary>Power fails. Names since the last flush of the folder are all there or none; bytes since the last flush of a file are kept or not per sector.</summary>
    public void Crash(Random random)
    {
        lock (_lock)
        {
            if (random.Next(2) == 0) _names = new Dictionary<string, MemoryFile>(_durableNames);
            else _durableNames = new Dictionary<string, MemoryFile>(_names);
            foreach (var file in _names.Values) file.Crash(random);
        }
    }

    internal void Check(string operation, string name) => Fault?.Invoke(operation, name);

    internal static LogIoException Refuse(string operation, string name, int errno) => new(operation, name, errno);
}
