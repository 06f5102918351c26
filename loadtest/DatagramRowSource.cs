using System.Runtime.InteropServices;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>Datagrams of rows: a schema lives as long as its datagram, so each has the schema and as many rows as fit.</summary>
internal sealed class DatagramRowSource : BatchSource
{
    /// <summary>Room for op 7.</summary>
    private const int HeaderBytes = 64;

    private readonly SchemaList _schemas;
    private readonly byte[][] _declarations;
    private readonly int _rows;

    public DatagramRowSource(LoadOptions options, int connection)
        : base(options, connection)
    {
        _schemas = new SchemaList(options, FirstSeries);
        _declarations = new byte[_schemas.Count][];
        using var writer = new MsgPackWriter();
        for (var schema = 0; schema < _schemas.Count; schema++)
        {
            writer.Clear();
            _schemas.Write(writer, schema);
            _declarations[schema] = writer.Written.ToArray();
        }

        var room = options.BatchBytes - HeaderBytes - _declarations[^1].Length;
        _rows = room / ((_schemas.Columns * sizeof(double)) + 20);
        if (_rows < 1) throw new UsageException("--batch-bytes: a datagram of this size does not hold a schema of so many --columns and a row.");
    }

    public override int SamplesPerBatch => _rows * _schemas.Columns;

    public override void WriteMessages(long seq, MsgPackWriter writer)
    {
        var (turn, schema) = Math.DivRem(seq - 1, _schemas.Count);
        writer.WriteRaw(_declarations[schema]);
        for (var row = 0; row < _rows; row++)
        {
            var instant = (turn * _rows) + row;
            MessageEncoder.WriteRowHeader(writer, schema, TimeOf(instant), _schemas.Columns);
            var values = writer.Take(_schemas.Columns * sizeof(double));
            Values.Fill(instant, (int)schema * _schemas.Columns, MemoryMarshal.Cast<byte, double>(values));
        }
    }
}
