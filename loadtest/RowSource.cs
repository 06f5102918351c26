using System.Runtime.InteropServices;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>Rows: instant by instant, schema by schema.</summary>
internal sealed class RowSource : BatchSource
{
    private readonly SchemaList _schemas;
    private readonly int _rows;

    public RowSource(LoadOptions options, int connection)
        : base(options, connection)
    {
        _schemas = new SchemaList(options, FirstSeries);
        _rows = Math.Max(1, options.BatchBytes / ((_schemas.Columns * sizeof(double)) + 20));
    }

    public override int SamplesPerBatch => _rows * _schemas.Columns;

    public override void WriteSchemas(MsgPackWriter writer) => _schemas.Write(writer);

    public override void WriteMessages(long seq, MsgPackWriter writer)
    {
        var row = (seq - 1) * _rows;
        for (var end = row + _rows; row < end; row++)
        {
            var (instant, schema) = Math.DivRem(row, _schemas.Count);
            MessageEncoder.WriteRowHeader(writer, schema, TimeOf(instant), _schemas.Columns);
            var values = writer.Take(_schemas.Columns * sizeof(double));
            Values.Fill(instant, (int)schema * _schemas.Columns, MemoryMarshal.Cast<byte, double>(values));
        }
    }
}
