namespace DataLayer.Engines.Lake;

/// <summary>
/// Chooses files to merge. Only neighbours by rank are merged, so that a file outside is older than all of the merged ones, or newer than all.
/// </summary>
internal static class CompactionPicker
{
    /// <summary>The next merge in one partition (files by rank), or an empty list.</summary>
    /// <param name="isClosed">No more files are expected: all become one.</param>
    public static IReadOnlyList<LakeFile> Pick(IReadOnlyList<LakeFile> files, bool isClosed, LakeOptions options)
    {
        var fanIn = options.CompactionFanIn;
        for (var from = 0; from < files.Count;)
        {
            var to = from + 1;
            while (to < files.Count && files[to].Level == files[from].Level) to++;
            if (to - from >= fanIn && files[from].Rows < options.FileRowsMax) return Whole(files, from, Math.Min(to, from + (2 * fanIn)));
            from = to;
        }

        if (!isClosed || files.Count < 2) return [];

        // A partition that was split for its size is done when nothing is left to join or to resolve.
        var isSplit = files.All(file => file.Rank == files[0].Rank);
        if (isSplit) return [];
        return files.Count <= 2 * fanIn ? [.. files] : Whole(files, files.Count - (2 * fanIn), files.Count);
    }

    // Files of one rank are the pieces of one merge: they go together.
    private static List<LakeFile> Whole(IReadOnlyList<LakeFile> files, int from, int to)
    {
        while (from > 0 && files[from - 1].Rank == files[from].Rank) from--;
        while (to < files.Count && files[to].Rank == files[to - 1].Rank) to++;
        return [.. files.Skip(from).Take(to - from)];
    }
}
