using System.Runtime.InteropServices;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Takes damaged files out of the lake, so that queries, merges and late samples go on with the rest: the file gets the name *.quarantine beside its own, then a manifest
/// without it is written, and its own name goes when nobody reads it any more. A crash between leaves it in the lake, to be found again. Safe from any thread.
/// </summary>
internal sealed partial class LakeQuarantine(LakeContext context)
{
    public const string Suffix = ".quarantine";

    private readonly Lock _lock = new();

    // Guarded by: _lock.
    private readonly List<string> _paths = [];

    /// <summary>Files moved aside, by this process or before; those that a person has since taken away do not count.</summary>
    public IReadOnlyList<string> Paths
    {
        get
        {
            lock (_lock)
            {
                _paths.RemoveAll(path => !File.Exists(path));
                return [.. _paths];
            }
        }
    }

    /// <summary>Finds what lies aside from before. Called once, at the start.</summary>
    public void Open()
    {
        var folders = LakeLayout.Folders.Select(folder => Path.Combine(context.Options.Directory, folder)).Where(Directory.Exists);
        lock (_lock) _paths.AddRange(folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*" + Suffix, SearchOption.AllDirectories)));
    }

    /// <summary>
    /// Reads the whole file again, and takes it out of the lake when it is damaged. What failed for another reason (memory, handles) leaves it in. Returns whether it went.
    /// </summary>
    public bool Take(LakeFile file)
    {
        lock (_lock)
        {
            if (!context.State.Current.Files.Contains(file)) return true; // Somebody else met it first.
            if (!IsDamaged(file)) return false;
            var aside = file.Path + Suffix;
            if (!File.Exists(aside) && Link(file.Path, aside) != 0) File.Copy(file.Path, aside); // File systems without links.
            context.Storage.FlushFolder(Path.GetDirectoryName(aside)!);
            using var transaction = new LakeTransaction(context);
            transaction.Commit(new HashSet<long> { file.Number }, manifest => file.Kind == LakeFileKind.Series

                // The next flush with new series writes these again: the catalog has them.
                ? manifest with { SeriesCount = Math.Min(manifest.SeriesCount, file.MinSeries) }
                : manifest);
            _paths.Add(aside);
            return true;
        }
    }

    private static bool IsDamaged(LakeFile file)
    {
        try
        {
            using var handle = File.OpenHandle(file.Path); // Not there, no handles left, no right: not the file's fault.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return LakeVerifier.ProblemsOf(file) is { Count: > 0 } problems && !problems.Exists(problem => problem.Contains("malloc", StringComparison.Ordinal));
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string path, string name);
}
