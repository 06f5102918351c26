using DataLayer.Protocol;

namespace DataLayer.Cli.Input;

/// <summary>Reads an input one message at a time. Owned by one command.</summary>
internal abstract class MessageSource(IDisposable input) : IDisposable
{
    /// <summary>What <see cref="SourceItem.Position"/> counts: line or message.</summary>
    public virtual string PositionName => "line";

    /// <summary>Appends the next message to <paramref name="writer"/>; false at the end of the input.</summary>
    public abstract bool TryNext(MsgPackWriter writer, out SourceItem item);

    public void Dispose() => input.Dispose();

    /// <exception cref="CliException">The format is unknown, or the input cannot be of it.</exception>
    public static MessageSource Open(string format, Stream input, DateTimeOffset now) => format switch
    {
        "csv" => new CsvSource(new StreamReader(input), now),
        "lines" => new LinesSource(new StreamReader(input), now),
        "msgpack" => new MsgPackSource(input),
        _ => throw CliException.Usage($"--format: '{format}' is not known; use msgpack, csv or lines"),
    };

    /// <summary>The format that a file's name tells; null where it tells none.</summary>
    public static string? FormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".csv" => "csv",
        ".msgpack" or ".mp" or ".mpk" => "msgpack",
        ".txt" or ".lines" or ".prom" => "lines",
        _ => null,
    };
}
