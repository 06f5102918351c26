using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>Schema numbers of one segment → schemas. Each segment repeats what it uses, so equal ones are made once.</summary>
internal sealed class SchemaTable(Func<uint, int[], Schema> create)
{
    private readonly Dictionary<uint, Schema> _known = [];
    private readonly HashSet<uint> _declared = [];
    private readonly List<Schema> _used = [];

    public void StartSegment() => _declared.Clear();

    public Schema Declare(uint number, int[] series)
    {
        _declared.Add(number);
        if (!_known.TryGetValue(number, out var schema) || !schema.Series.AsSpan().SequenceEqual(series)) _known[number] = schema = create(number, series);
        return schema;
    }

    /// <summary>The schema of each rows section, in order, valid until the next call; null when <paramref name="error"/> says what does not add up.</summary>
    public List<Schema>? SchemasOf(ReadOnlySpan<byte> record, out string error)
    {
        _used.Clear();
        error = "";
        try
        {
            var sections = new RecordSections(record);
            while (sections.MoveNext())
            {
                if (sections.Kind != SectionKind.Rows) continue;
                if (!_declared.Contains(sections.SchemaNumber)) error = $"its rows are of schema {sections.SchemaNumber}, which the segment does not declare";
                else if (_known[sections.SchemaNumber].ColumnCount != sections.Columns) error = $"its rows have {sections.Columns} columns, schema {sections.SchemaNumber} has others";
                else _used.Add(_known[sections.SchemaNumber]);
                if (error.Length > 0) return null;
            }

            return _used;
        }
        catch (InvalidDataException e)
        {
            error = e.Message;
            return null;
        }
    }
}
