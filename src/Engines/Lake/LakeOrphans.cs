using System.Buffers;

namespace DataLayer.Engines.Lake;

/// <summary>Finds what a crash left: files that no manifest names.</summary>
internal static class LakeOrphans
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("0123456789-");

    public static IEnumerable<string> DataFiles(string directory) => LakeLayout.Folders
        .Select(folder => Path.Combine(directory, folder)).Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.parquet", SearchOption.AllDirectories));

    /// <summary>Deletes files of the lake's own naming that the manifest does not have, and folders left empty; returns how many files.</summary>
    public static int Delete(string directory, LakeManifest manifest, LakeStorage storage)
    {
        var known = manifest.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var deleted = 0;
        foreach (var path in DataFiles(directory).Concat(TemporaryFiles(directory)).ToList())
        {
            if (!known.Contains(path) && IsOurs(path) && storage.TryDelete(path)) deleted++;
        }

        foreach (var folder in LakeLayout.Folders) DeleteEmpty(Path.Combine(directory, folder));
        return deleted;
    }

    /// <summary>Deletes folders below this one that hold nothing.</summary>
    public static void DeleteEmpty(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var child in Directory.EnumerateDirectories(folder))
        {
            DeleteEmpty(child);
            if (Directory.EnumerateFileSystemEntries(child).Any()) continue;
            try
            {
                Directory.Delete(child);
            }
            catch (IOException)
            {
                // A file came in meanwhile: the folder stays.
            }
        }
    }

    private static IEnumerable<string> TemporaryFiles(string directory) => LakeLayout.Folders
        .Select(folder => Path.Combine(directory, folder)).Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, ".*.parquet.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        .Concat(Directory.EnumerateFiles(directory, ".*.tmp", new EnumerationOptions { AttributesToSkip = 0 }));

    // A person may keep other things there: only names that this lake gives are deleted.
    private static bool IsOurs(string path)
    {
        var name = Path.GetFileName(path).AsSpan();
        if (name.SequenceEqual($".{LakeLayout.ManifestName}.tmp")) return true;
        if (name is ['.', ..]) name = name[1..];
        return name.IndexOf(".parquet", StringComparison.Ordinal) is var end and >= 10 && !name[..end].ContainsAnyExcept(NameCharacters);
    }
}
