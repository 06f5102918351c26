namespace DataLayer.Engines.Lake;

/// <summary>
/// The current manifest, who still reads older ones, and the files that wait to be deleted. Safe from any thread.
/// </summary>
internal sealed class LakeState(string directory, LakeStorage storage, RowGroupIndex index, ColumnCache columns, EventIds events)
{
    // Held while a manifest is made and written; never while data files are.
    private readonly Lock _commit = new();

    private readonly Lock _gate = new();

    // Guarded by _gate: version → snapshots that read it; replaced files with the version that no longer has them.
    private readonly SortedDictionary<long, int> _pins = [];
    private readonly List<(long Version, LakeFile File)> _obsolete = [];
    private LakeManifest _current = LakeManifest.Empty;
    private long _nextNumber = 1;

    public string ManifestPath { get; } = Path.Combine(directory, LakeLayout.ManifestName);

    public LakeManifest Current
    {
        get
        {
            lock (_gate) return _current;
        }
    }

    /// <summary>Files that are replaced but still read by snapshots.</summary>
    public int ObsoleteFiles
    {
        get
        {
            lock (_gate) return _obsolete.Count;
        }
    }

    public long TakeNumber() => Interlocked.Increment(ref _nextNumber) - 1;

    /// <summary>Reads the manifest; writes the first one of an empty lake, so that a missing one later means damage.</summary>
    public void Open()
    {
        storage.CreateFolder(directory);
        if (File.Exists(ManifestPath))
        {
            _current = LakeManifestJson.Parse(File.ReadAllBytes(ManifestPath), directory, ManifestPath);
            _nextNumber = _current.NextNumber;
            return;
        }

        if (LakeOrphans.DataFiles(directory).FirstOrDefault() is { } file)
        {
            throw new EngineException(
                $"the lake {directory} has files ({file}) but no {LakeLayout.ManifestName}. Restore it from a backup, or move the folder away to start an empty lake.",
                isTransient: false);
        }

        WriteManifest(LakeManifest.Empty, null);
    }

    public LakeManifest Pin()
    {
        lock (_gate)
        {
            _pins[_current.Version] = _pins.GetValueOrDefault(_current.Version) + 1;
            return _current;
        }
    }

    public void Unpin(LakeManifest manifest)
    {
        lock (_gate)
        {
            if (--_pins[manifest.Version] == 0) _pins.Remove(manifest.Version);
        }

        DeleteObsolete();
    }

    /// <summary>
    /// Makes the state after <paramref name="change"/> the current one, durably. When it throws, the old state holds here, and the one on disk is
    /// the old or the new one: <paramref name="transaction"/> keeps its files then until the next commit decides.
    /// </summary>
    public void Commit(LakeTransaction transaction, IReadOnlySet<long> removed, Func<LakeManifest, LakeManifest> change)
    {
        lock (_commit)
        {
            var before = Current;
            var gone = before.Files.Where(file => removed.Contains(file.Number)).ToList();
            var next = change(before).With(transaction.Files, removed) with { NextNumber = Interlocked.Read(ref _nextNumber) };
            WriteManifest(next, transaction);
            transaction.IsCommitted = true;
            lock (_gate)
            {
                _current = next;
                foreach (var file in gone) _obsolete.Add((next.Version, file));
            }
        }

        DeleteObsolete();
    }

    /// <summary>Takes files that no manifest here has, but the one on disk may have: deleted after the next commit.</summary>
    public void Doubt(IEnumerable<LakeFile> files)
    {
        lock (_gate)
        {
            foreach (var file in files) _obsolete.Add((_current.Version + 1, file));
        }
    }

    private void WriteManifest(LakeManifest manifest, LakeTransaction? transaction)
    {
        var temporary = LakeLayout.TemporaryOf(ManifestPath);
        storage.Prepare(temporary);
        File.Delete(temporary); // A new file each time: after a failed flush nobody knows what of the old one is on disk.
        File.WriteAllBytes(temporary, LakeManifestJson.Serialize(manifest, directory));
        if (transaction is not null) transaction.IsDoubtful = true;
        storage.Publish(temporary, ManifestPath);
        storage.FlushFolder(directory);
    }

    private void DeleteObsolete()
    {
        List<LakeFile> free = [];
        lock (_gate)
        {
            var oldest = _current.Version;
            foreach (var version in _pins.Keys)
            {
                oldest = Math.Min(oldest, version);
                break;
            }

            _obsolete.RemoveAll(entry =>
            {
                if (entry.Version > oldest) return false;
                free.Add(entry.File);
                return true;
            });
        }

        foreach (var file in free)
        {
            index.Forget(file.Number);
            columns.Forget(file.Number);
            events.Forget(file.Number);
            storage.TryDelete(file.Path);
        }
    }
}
