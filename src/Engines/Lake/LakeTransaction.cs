namespace DataLayer.Engines.Lake;

/// <summary>
/// The new files of one change of the lake. Disposed without a commit it takes them away again, unless the manifest on disk may name them.
/// Files may be begun and finished by several threads; the rest is for one, when they have ended.
/// </summary>
internal sealed class LakeTransaction(LakeContext context) : IDisposable
{
    private readonly Lock _lock = new();

    // Guarded by: _lock.
    private readonly List<LakeFile> _files = [];
    private readonly HashSet<string> _folders = [];
    private readonly List<string> _temporaries = [];

    public IReadOnlyList<LakeFile> Files => _files;

    public bool IsCommitted { get; set; }

    /// <summary>The manifest that names the files may be on disk, or not.</summary>
    public bool IsDoubtful { get; set; }

    /// <summary>Begins a file. <paramref name="rank"/> 0: a flush, ranked by its own number.</summary>
    public PendingFile Begin(LakeFileKind kind, long partitionStart, long rank = 0)
    {
        var number = context.State.TakeNumber();
        if (rank == 0) rank = number;
        var path = Path.Combine(context.Options.Directory, LakeLayout.FolderOf(kind, partitionStart), LakeLayout.NameOf(rank, number));
        var pending = new PendingFile(kind, partitionStart, number, rank, path, LakeLayout.TemporaryOf(path));
        lock (_lock) _temporaries.Add(pending.Temporary);
        context.Storage.Prepare(pending.Temporary);
        return pending;
    }

    /// <summary>Publishes a closed file under its name; the manifest has it after the commit.</summary>
    public LakeFile Finish(PendingFile pending, IReadOnlyList<RowGroupStats> groups, bool late = false, int level = 0, EventExtent? events = null)
    {
        context.Storage.Publish(pending.Temporary, pending.Path);
        var file = new LakeFile
        {
            Number = pending.Number,
            Rank = pending.Rank,
            Kind = pending.Kind,
            Path = pending.Path,
            PartitionStart = pending.PartitionStart,
            MinTime = groups.Min(group => group.MinTime),
            MaxTime = groups.Max(group => group.MaxTime),
            MinSeries = groups.Min(group => group.MinSeries),
            MaxSeries = groups.Max(group => group.MaxSeries),
            Rows = groups.Sum(group => (long)group.Rows),
            Bytes = new FileInfo(pending.Path).Length,
            IsLate = late,
            Level = level,
            Events = events,
        };
        lock (_lock)
        {
            _temporaries.Remove(pending.Temporary);
            _folders.Add(Path.GetDirectoryName(pending.Path)!);
            _files.Add(file);
        }

        context.Index.Set(file.Number, [.. groups]);
        return file;
    }

    public void Commit(IReadOnlySet<long> removed, Func<LakeManifest, LakeManifest> change)
    {
        foreach (var folder in _folders) context.Storage.FlushFolder(folder);
        context.State.Commit(this, removed, change);
    }

    public void Dispose()
    {
        if (IsCommitted) return;
        foreach (var path in _temporaries) context.Storage.TryDelete(path);
        if (IsDoubtful)
        {
            context.State.Doubt(_files);
            return;
        }

        foreach (var file in _files)
        {
            context.Index.Forget(file.Number);
            context.Storage.TryDelete(file.Path);
        }
    }
}
