using System.Text.Json;
using DataLayer.Client;
using DataLayer.Protocol;

namespace DataLayer.Cli.Input;

/// <summary>One event, from what was given on the command line.</summary>
internal sealed class EventSource(AgentEvent one, DateTimeOffset now) : MessageSource(new MemoryStream())
{
    private bool _isRead;

    /// <summary>A field as <c>key=value</c>: the value is JSON where it is that (a number, true, null, "text", […], {…}), else text.</summary>
    public static KeyValuePair<string, object?> Field(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw CliException.Usage($"--field: '{text}' is not key=value");
        var (key, value) = (text[..equals], text[(equals + 1)..]);
        try
        {
            using var json = JsonDocument.Parse(value);
            return new(key, json.RootElement.Clone());
        }
        catch (JsonException)
        {
            return new(key, value);
        }
    }

    public override bool TryNext(MsgPackWriter writer, out SourceItem item)
    {
        item = new SourceItem(1, 1, null);
        if (_isRead) return false;
        _isRead = true;
        EventWriter.Write(writer, one, now);
        return true;
    }
}
