using DataLayer.Engines.Events;
using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Checks a lake on disk, without a daemon: the manifest's checksum, and that every file is there, whole (page checksums), sorted, and holds what the manifest says.
/// Changes nothing.
/// </summary>
public static class LakeVerifier
{
    /// <summary>Checks everything; an empty list of problems means that the lake is sound. Memory: a row group.</summary>
    public static LakeVerification Verify(string directory, CancellationToken cancellation)
    {
        var path = Path.Combine(directory, LakeLayout.ManifestName);
        LakeManifest manifest;
        try
        {
            manifest = LakeManifestJson.Parse(File.ReadAllBytes(path), directory, path);
        }
        catch (Exception error) when (error is EngineException or IOException or UnauthorizedAccessException)
        {
            return new LakeVerification(0, 0, 0, [error.Message]);
        }

        var problems = new List<string>();
        var rows = 0L;
        foreach (var file in manifest.Files)
        {
            cancellation.ThrowIfCancellationRequested();
            rows += TryCheck(file, problems);
        }

        return new LakeVerification(manifest.Position, manifest.Files.Length, rows, problems);
    }

    /// <summary>What is wrong with one file; empty: nothing.</summary>
    internal static List<string> ProblemsOf(LakeFile file)
    {
        var problems = new List<string>();
        TryCheck(file, problems);
        return problems;
    }

    private static long TryCheck(LakeFile file, List<string> problems)
    {
        try
        {
            return Check(file, problems);
        }
        catch (Exception error) when (DamagedFileException.IsSign(error) || error is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{file.Path}: {error.Message}");
            return 0;
        }
    }

    private static long Check(LakeFile file, List<string> problems)
    {
        var info = new FileInfo(file.Path);
        if (!info.Exists)
        {
            problems.Add($"{file.Path}: it is not there");
            return 0;
        }

        if (info.Length != file.Bytes) problems.Add($"{file.Path}: it has {info.Length} bytes, the manifest says {file.Bytes}");
        var seen = new FileExtent();
        switch (file.Kind)
        {
            case LakeFileKind.Samples: CheckSamples(file, seen); break;
            case LakeFileKind.Series: CheckSeries(file, seen); break;
            case LakeFileKind.Events: CheckEvents(file, seen, problems); break;
            default: CheckRollups(file, seen); break;
        }

        if (!seen.IsSorted) problems.Add($"{file.Path}: its rows are not in order");
        if (seen.Rows != file.Rows) problems.Add($"{file.Path}: it has {seen.Rows} rows, the manifest says {file.Rows}");
        if (!seen.Fits(file)) problems.Add($"{file.Path}: its series or times are not those that the manifest says");
        return seen.Rows;
    }

    private static void CheckSamples(LakeFile file, FileExtent seen)
    {
        using var reader = new SampleRowReader(file.Path, new SampleRowBuffer());
        reader.ReadStats(); // Queries choose row groups by them.
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            var series = reader.ReadSeries(group);
            reader.ReadRows(0, series.Length);
            seen.Add(reader.ReadMetrics(), series, reader.Times(0, series.Length));
        }
    }

    private static void CheckRollups(LakeFile file, FileExtent seen)
    {
        using var reader = new RollupRowReader(file.Path, new RollupRowBuffer());
        reader.ReadStats();
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            reader.ReadRowGroup(group);
            var rows = reader.Buffer;
            reader.ReadColumn(group, RollupSchema.Metric, rows.Count, rows.Metrics);
            seen.Add(rows.Metrics.AsSpan(0, rows.Count), rows.Series.AsSpan(0, rows.Count), rows.Starts.AsSpan(0, rows.Count));
            for (var row = 0; row < rows.Count; row++)
            {
                if (rows.Sketches[row] is { } sketch) QuantileSketch.FromBytes(sketch);
            }
        }
    }

    private static void CheckEvents(LakeFile file, FileExtent seen, List<string> problems)
    {
        var (ids, maxVersion, places) = (new HashSet<UInt128>(), 0L, (GeoBox?)null);
        using var reader = new EventFileReader(file.Path);
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            var rows = reader.ReadGroup(group);
            seen.AddTimes(Array.ConvertAll(rows, row => row.Event.TimeMicros));
            var texts = reader.ReadTexts(group, EventSchema.Document);
            for (var row = 0; row < rows.Length; row++)
            {
                var (found, version) = (rows[row].Event, rows[row].Version);
                maxVersion = Math.Max(maxVersion, version);
                if (found is { Latitude: { } latitude, Longitude: { } longitude }) places = GeoBox.Around(places, latitude, longitude);
                if (!ids.Add(EventText.HashOf(found.Id))) problems.Add($"{file.Path}: the id {found.Id} is there twice");
                var packed = new DataLayer.Protocol.MsgPackReader(found.Document.Span);
                if (!packed.TrySkip() || packed.Remaining > 0 || texts[row] is null) problems.Add($"{file.Path}: the document of {found.Id} is none");
            }
        }

        if (file.Events != new EventExtent(maxVersion, places)) problems.Add($"{file.Path}: its versions or places are not those that the manifest says");
    }

    private static void CheckSeries(LakeFile file, FileExtent seen)
    {
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnablePageChecksumVerification();
        using var reader = new ParquetFileReader(file.Path, properties);
        for (var group = 0; group < reader.FileMetaData.NumRowGroups; group++)
        {
            using var rows = reader.RowGroup(group);
            var count = ParquetStats.RowsOf(rows);
            using var numbers = rows.Column(0).LogicalReader<int>();
            seen.Add(new int[count], numbers.ReadAll(count), new long[count]);
            using var names = rows.Column(1).LogicalReader<string>();
            names.ReadAll(count);
            using var keys = rows.Column(2).LogicalReader<string[]>();
            keys.ReadAll(count);
            using var values = rows.Column(3).LogicalReader<string[]>();
            values.ReadAll(count);
        }
    }
}
