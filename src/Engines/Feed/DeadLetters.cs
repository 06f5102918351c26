using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Engines.Feed;

/// <summary>
/// Samples and events that an engine did not take for good, one JSON object a line, in <c>dead-letters/NAME.jsonl</c> of the data folder. Past half of the limit the file becomes
/// <c>NAME.jsonl.1</c> in place of an older one, so that disk is bounded. A letter may come twice when the daemon dies between it and the engine's position. Owned by one feeder; counters by any.
/// </summary>
public sealed class DeadLetters(string folder, string engine, ISeriesCatalog catalog, long bytesMax = 64L << 20)
{
    // Values and texts are data, never put into HTML.
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private long _count;

    /// <summary>Letters written since the start of the process.</summary>
    public long Count => Interlocked.Read(ref _count);

    public string Path { get; } = System.IO.Path.Combine(folder, engine + ".jsonl");

    /// <summary>Appends letters and flushes them to the device. Throws <see cref="EngineException"/> when the disk refuses.</summary>
    public void Add(IReadOnlyCollection<DeadLetter> letters)
    {
        ArgumentNullException.ThrowIfNull(letters);
        if (letters.Count > 0) Append(letters.Count, letters.Select(letter => (Action<Utf8JsonWriter>)(json => Write(json, letter))));
    }

    /// <summary>The same for an event; its document stays in the lake.</summary>
    public void Add(EngineEvent refused, string reason)
    {
        ArgumentNullException.ThrowIfNull(refused);
        Append(1, [json =>
        {
            json.WriteString("event", refused.Id);
            json.WriteString("type", refused.Type);
            json.WriteString("source", refused.Source);
            json.WriteNumber("timeMicros", refused.TimeMicros);
            json.WriteString("reason", reason);
        }]);
    }

    /// <summary>The newest letters, oldest first; without those that an older file holds.</summary>
    public IReadOnlyList<string> Newest(int count)
    {
        if (!File.Exists(Path)) return [];
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var text = new StreamReader(file);
        var lines = new Queue<string>();
        while (text.ReadLine() is { } line)
        {
            lines.Enqueue(line);
            if (lines.Count > count) lines.Dequeue();
        }

        return [.. lines];
    }

    private void Append(int count, IEnumerable<Action<Utf8JsonWriter>> letters)
    {
        try
        {
            Directory.CreateDirectory(folder);
            if (File.Exists(Path) && new FileInfo(Path).Length > bytesMax / 2) File.Move(Path, Path + ".1", overwrite: true);
            using var file = new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.Read);
            foreach (var letter in letters)
            {
                using (var json = new Utf8JsonWriter(file, Json))
                {
                    json.WriteStartObject();
                    letter(json);
                    json.WriteEndObject();
                }

                file.WriteByte((byte)'\n');
            }

            file.Flush(flushToDisk: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"what {engine} refuses cannot be written to {Path}: {error.Message}", isTransient: true, error);
        }

        Interlocked.Add(ref _count, count);
    }

    private void Write(Utf8JsonWriter json, DeadLetter letter)
    {
        var key = new SeriesKeyReader(catalog.KeyOf(letter.Series));
        json.WriteString("name", key.Name);
        json.WriteStartObject("labels");
        while (key.TryNext(out var name, out var value)) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteNumber("timeMicros", letter.TimeMicros);
        if (double.IsFinite(letter.Value)) json.WriteNumber("value", letter.Value);
        else json.WriteString("value", letter.Value.ToString(CultureInfo.InvariantCulture));
        if (letter.Quality != 1f) json.WriteNumber("quality", letter.Quality);
        json.WriteNumber("lsn", letter.Lsn);
        json.WriteString("reason", letter.Reason);
    }
}
