using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DataLayer.Engines.Events;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Lake;

/// <summary>
/// The manifest as JSON: <c>{"format":3,"checksum":"crc32c:…","lake":{…}}</c>; the checksum is over the bytes of the value of "lake".
/// Format 2 is the same without events: written where there are none, so that an older release reads it.
/// </summary>
internal static class LakeManifestJson
{
    private const int Format = 3;
    private const int FormatWithoutEvents = 2;

    public static byte[] Serialize(LakeManifest manifest, string directory)
    {
        var body = Write(json => WriteBody(json, manifest, directory));
        return Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("format", manifest.Of(LakeFileKind.Events).Any() ? Format : FormatWithoutEvents);
            json.WriteString("checksum", Checksum(body));
            json.WritePropertyName("lake");
            json.WriteRawValue(body);
            json.WriteEndObject();
        });
    }

    /// <summary>Throws <see cref="EngineException"/> where the bytes are not a whole, unchanged manifest of a known format.</summary>
    public static LakeManifest Parse(ReadOnlyMemory<byte> bytes, string directory, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            var format = root.GetProperty("format").GetInt32();
            if (format is not (Format or FormatWithoutEvents)) throw Damaged(path, $"its format is {format}, this version reads {FormatWithoutEvents} and {Format}");
            var body = root.GetProperty("lake");
            var checksum = Checksum(Encoding.UTF8.GetBytes(body.GetRawText()));
            if (root.GetProperty("checksum").GetString() != checksum) throw Damaged(path, "its checksum does not fit its contents");
            return ReadBody(body, directory);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Damaged(path, error.Message);
        }
    }

    private static EngineException Damaged(string path, string why) => new(
        $"the lake's manifest {path} cannot be used: {why}. Restore it from a backup, or move the lake's folder away to start an empty lake.", isTransient: false);

    private static string Checksum(ReadOnlySpan<byte> body) => string.Create(CultureInfo.InvariantCulture, $"crc32c:{Crc32C.Of(body):x8}");

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteBody(Utf8JsonWriter json, LakeManifest manifest, string directory)
    {
        json.WriteStartObject();
        json.WriteNumber("version", manifest.Version);
        json.WriteNumber("position", manifest.Position);
        json.WriteNumber("next_number", manifest.NextNumber);
        json.WriteNumber("series_count", manifest.SeriesCount);
        json.WriteNumber("raw_from", manifest.RawFrom);
        json.WriteNumber("left_out_to", manifest.LeftOutTo);
        json.WriteStartArray("files");
        foreach (var file in manifest.Files) WriteFile(json, file, directory);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, LakeFile file, string directory)
    {
        json.WriteStartObject();
        json.WriteString("path", Path.GetRelativePath(directory, file.Path).Replace('\\', '/'));
        json.WriteString("kind", NameOf(file.Kind));
        json.WriteNumber("number", file.Number);
        json.WriteNumber("rank", file.Rank);
        json.WriteNumber("partition", file.PartitionStart);
        json.WriteNumber("min_time", file.MinTime);
        json.WriteNumber("max_time", file.MaxTime);
        json.WriteNumber("min_series", file.MinSeries);
        json.WriteNumber("max_series", file.MaxSeries);
        json.WriteNumber("rows", file.Rows);
        json.WriteNumber("bytes", file.Bytes);
        json.WriteBoolean("late", file.IsLate);
        json.WriteNumber("level", file.Level);
        if (file.Events is { } events) WriteEvents(json, events);
        json.WriteEndObject();
    }

    private static void WriteEvents(Utf8JsonWriter json, EventExtent events)
    {
        json.WriteNumber("max_version", events.MaxVersion);
        if (events.Places is not { } places) return;
        json.WriteStartArray("places");
        foreach (var degrees in (double[])[places.MinLatitude, places.MinLongitude, places.MaxLatitude, places.MaxLongitude]) json.WriteNumberValue(degrees);
        json.WriteEndArray();
    }

    private static EventExtent? ReadEvents(JsonElement file)
    {
        if (!file.TryGetProperty("max_version", out var version)) return null;
        if (!file.TryGetProperty("places", out var places)) return new EventExtent(version.GetInt64(), null);
        var degrees = places.EnumerateArray().Select(value => value.GetDouble()).ToArray();
        if (degrees.Length != 4) throw new FormatException("places are four numbers");
        return new EventExtent(version.GetInt64(), new GeoBox(degrees[0], degrees[1], degrees[2], degrees[3]));
    }

    private static LakeManifest ReadBody(JsonElement body, string directory) => new()
    {
        Version = body.GetProperty("version").GetInt64(),
        Position = body.GetProperty("position").GetInt64(),
        NextNumber = body.GetProperty("next_number").GetInt64(),
        SeriesCount = body.GetProperty("series_count").GetInt32(),
        RawFrom = body.GetProperty("raw_from").GetInt64(),

        // Manifests of before it was written do not tell: any sample may have been left out.
        LeftOutTo = body.TryGetProperty("left_out_to", out var leftOut) ? leftOut.GetInt64() : long.MaxValue,
        Files = [.. body.GetProperty("files").EnumerateArray().Select(file => ReadFile(file, directory))],
    };

    private static LakeFile ReadFile(JsonElement file, string directory) => new()
    {
        Path = PathOf(file.GetProperty("path").GetString(), directory),
        Kind = KindOf(file.GetProperty("kind").GetString()),
        Number = file.GetProperty("number").GetInt64(),
        Rank = file.GetProperty("rank").GetInt64(),
        PartitionStart = file.GetProperty("partition").GetInt64(),
        MinTime = file.GetProperty("min_time").GetInt64(),
        MaxTime = file.GetProperty("max_time").GetInt64(),
        MinSeries = file.GetProperty("min_series").GetInt32(),
        MaxSeries = file.GetProperty("max_series").GetInt32(),
        Rows = file.GetProperty("rows").GetInt64(),
        Bytes = file.GetProperty("bytes").GetInt64(),
        IsLate = file.GetProperty("late").GetBoolean(),
        Level = file.GetProperty("level").GetInt32(),
        Events = ReadEvents(file),
    };

    // Files that no manifest names are deleted and named ones are read: neither may lead out of the lake.
    private static string PathOf(string? name, string directory)
    {
        if (string.IsNullOrEmpty(name) || Path.IsPathRooted(name) || name.Contains('\0') || name.Split('/', '\\').Contains("..")) throw new FormatException($"'{name}' is no file of the lake");
        return Path.Combine(directory, name);
    }

    private static string NameOf(LakeFileKind kind) => kind switch
    {
        LakeFileKind.Samples => "samples",
        LakeFileKind.RollupMinute => "rollup_1m",
        LakeFileKind.RollupHour => "rollup_1h",
        LakeFileKind.Events => "events",
        _ => "series",
    };

    private static LakeFileKind KindOf(string? name) => name switch
    {
        "samples" => LakeFileKind.Samples,
        "rollup_1m" => LakeFileKind.RollupMinute,
        "rollup_1h" => LakeFileKind.RollupHour,
        "series" => LakeFileKind.Series,
        "events" => LakeFileKind.Events,
        _ => throw new FormatException($"unknown kind of file '{name}'"),
    };
}
