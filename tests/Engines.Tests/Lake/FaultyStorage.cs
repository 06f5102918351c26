using DataLayer.Engines.Lake;

namespace DataLayer.Engines.Tests.Lake;

/// <summary>
/// Lets the n-th file operation fail: once, or with all that follow, as when the process dies there. <see cref="LosePower"/> then takes away what no flush had made durable:
/// bytes of files, and names.
/// </summary>
internal sealed class FaultyStorage(bool isCrash)
{
    // What was not flushed yet: files whose bytes are in doubt; new names, with what the name stood for before (null: nothing).
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]?> _names = new(StringComparer.Ordinal);
    private int _left = int.MaxValue;

    /// <summary>Whether the fault was reached.</summary>
    public bool HasFired { get; private set; }

    public LakeStorage Storage => new(Step);

    public void FailAt(int operation) => _left = operation;

    /// <summary>Names since the last flush of their folder go or stay, each on its own; bytes of files that were not flushed are cut, zeroed or kept. In this order a rename keeps its file's fate.</summary>
    public void LosePower(Random random)
    {
        foreach (var (path, before) in _names)
        {
            if (random.Next(2) == 0) continue;
            if (before is not null) File.WriteAllBytes(path, before);
            else File.Delete(path);
        }

        foreach (var path in _written.Where(File.Exists))
        {
            var bytes = File.ReadAllBytes(path);
            var kept = random.Next(bytes.Length + 1);
            if (random.Next(2) == 0) Array.Resize(ref bytes, kept);
            else bytes.AsSpan(kept).Clear();
            File.WriteAllBytes(path, bytes);
        }
    }

    private void Step(StorageStep step, string path)
    {
        if (_left != int.MaxValue && _left-- <= 0)
        {
            HasFired = true;
            _left = isCrash ? 0 : int.MaxValue;
            throw new IOException($"injected at {step} of {path}");
        }

        lock (_written) Note(step, path);
    }

    /// <summary>The operation is about to be done.</summary>
    private void Note(StorageStep step, string path)
    {
        switch (step)
        {
            case StorageStep.Create:
                _written.Add(path);
                break;
            case StorageStep.FlushFile:
                _written.Remove(path);
                break;
            case StorageStep.Rename:
                // A name of which nothing was flushed may yet hold nothing, or half of it.
                if (_written.Remove(LakeLayout.TemporaryOf(path))) _written.Add(path);
                _names.TryAdd(path, File.Exists(path) ? File.ReadAllBytes(path) : null);
                break;
            case StorageStep.FlushFolder:
                foreach (var name in _names.Keys.Where(name => Path.GetDirectoryName(name) == path).ToList()) _names.Remove(name);
                break;
            case StorageStep.Delete:
                _names.Remove(path);
                break;
        }
    }
}
