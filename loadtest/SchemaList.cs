using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>The schemas of one connection: numbers 0, 1, 2 …, each with the same number of series.</summary>
internal sealed class SchemaList
{
    private readonly LoadOptions _options;
    private readonly int _firstSeries;

    public SchemaList(LoadOptions options, int firstSeries)
    {
        _options = options;
        _firstSeries = firstSeries;
        Columns = options.Columns;
        Count = options.SeriesPerConnection / Columns;
    }

    public int Columns { get; }

    public int Count { get; }

    public void Write(MsgPackWriter writer)
    {
        for (var schema = 0; schema < Count; schema++) Write(writer, schema);
    }

    public void Write(MsgPackWriter writer, int schema)
    {
        MessageEncoder.WriteSchemaHeader(writer, schema, [], Columns);
        for (var column = 0; column < Columns; column++)
        {
            MessageEncoder.WriteSeriesOfKey(writer, SeriesNames.Key(_options.Run, _firstSeries + (schema * Columns) + column));
        }
    }
}
