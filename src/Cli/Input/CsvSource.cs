using System.Globalization;
using System.Text.Json;
using DataLayer.Protocol;

namespace DataLayer.Cli.Input;

/// <summary>
/// Samples from CSV with a header: <c>name</c>, <c>value</c>, and optionally <c>time</c>, <c>quality</c> and <c>labels</c> (a JSON object, as the daemon's own CSV has it, or
/// <c>key=value;key=value</c>). Every other column is a label; an empty field is no label.
/// </summary>
internal sealed class CsvSource : MessageSource
{
    private readonly CsvReader _reader;
    private readonly DateTimeOffset _now;
    private readonly List<string> _fields = [];
    private readonly List<KeyValuePair<string, string>> _labels = [];
    private readonly string[] _header;
    private readonly int _name;
    private readonly int _value;
    private readonly int _time;
    private readonly int _quality;
    private readonly int _labelsColumn;

    public CsvSource(TextReader input, DateTimeOffset now)
        : base(input)
    {
        _reader = new CsvReader(input);
        _now = now;
        if (!_reader.TryRead(_fields, out var error)) throw CliException.Usage("the CSV is empty: its first line names the columns, as in name,host,time,value");
        if (error is not null) throw CliException.Usage($"line {_reader.Line}: {error}");
        _header = _fields.Select(f => f.Trim().TrimStart('\uFEFF')).ToArray();
        _name = Column("name");
        _value = Column("value");
        _time = Column("time");
        _quality = Column("quality");
        _labelsColumn = Column("labels");
        if (_name < 0 || _value < 0)
            throw CliException.Usage($"line {_reader.Line}: the header must name the columns 'name' and 'value' (and may name time, quality, labels; others are labels); it is {string.Join(',', _header)}");
    }

    public override bool TryNext(MsgPackWriter writer, out SourceItem item)
    {
        item = default;
        if (!_reader.TryRead(_fields, out var error)) return false;
        error ??= Write(writer);
        item = new SourceItem(_reader.Line, 1, error);
        return true;
    }

    private int Column(string name) => Array.FindIndex(_header, h => h.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Null, or what is wrong with the row.</summary>
    private string? Write(MsgPackWriter writer)
    {
        if (_fields.Count != _header.Length) return $"{_fields.Count} fields, the header has {_header.Length}";
        if (!SampleText.TryValue(_fields[_value], out var value)) return SampleText.NotANumber(_fields[_value]);
        var quality = 1f;
        if (_quality >= 0 && _fields[_quality].Length > 0 && !float.TryParse(_fields[_quality], NumberStyles.Float, CultureInfo.InvariantCulture, out quality))
            return $"the quality '{_fields[_quality]}' is not a number";
        long? time = null;
        if (_time >= 0 && _fields[_time].Length > 0)
        {
            if (!TimeText.TryParse(_fields[_time], _now, out var micros)) return $"the time '{_fields[_time]}' is none; {TimeText.Expected}";
            time = micros;
        }

        if (Labels() is { } error) return error;
        MessageEncoder.WriteLine(writer, _fields[_name], System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_labels), time ?? SampleText.Micros(_now), value, quality);
        return null;
    }

    private string? Labels()
    {
        _labels.Clear();
        for (var i = 0; i < _header.Length; i++)
        {
            if (i == _name || i == _value || i == _time || i == _quality || i == _labelsColumn || _fields[i].Length == 0) continue;
            _labels.Add(new(_header[i], _fields[i]));
        }

        if (_labelsColumn < 0 || _fields[_labelsColumn].Length == 0) return null;
        var text = _fields[_labelsColumn].Trim();
        return text.StartsWith('{') ? JsonLabels(text) : PairLabels(text);
    }

    private string? JsonLabels(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            foreach (var pair in json.RootElement.EnumerateObject()) _labels.Add(new(pair.Name, pair.Value.GetString() ?? ""));
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return $"the labels '{text}' are not a JSON object of strings";
        }
    }

    private string? PairLabels(string text)
    {
        foreach (var pair in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=');
            if (equals <= 0) return $"the label '{pair}' is not key=value";
            _labels.Add(new(pair[..equals].Trim(), pair[(equals + 1)..].Trim()));
        }

        return null;
    }
}
