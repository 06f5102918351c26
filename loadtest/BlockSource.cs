using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>Blocks: each batch holds the next instants of one schema, the schemas in turn.</summary>
internal sealed class BlockSource : BatchSource
{
    private readonly SchemaList _schemas;
    private readonly long[] _times;
    private readonly double[] _values;

    public BlockSource(LoadOptions options, int connection)
        : base(options, connection)
    {
        _schemas = new SchemaList(options, FirstSeries);
        _times = new long[Math.Max(1, options.BatchBytes / ((_schemas.Columns + 1) * sizeof(double)))];
        _values = new double[_times.Length * _schemas.Columns];
    }

    public override int SamplesPerBatch => _values.Length;

    public override void WriteSchemas(MsgPackWriter writer) => _schemas.Write(writer);

    public override void WriteMessages(long seq, MsgPackWriter writer)
    {
        var (turn, schema) = Math.DivRem(seq - 1, _schemas.Count);
        for (var i = 0; i < _times.Length; i++)
        {
            var instant = (turn * _times.Length) + i;
            _times[i] = TimeOf(instant);
            Values.Fill(instant, (int)schema * _schemas.Columns, _values.AsSpan(i * _schemas.Columns, _schemas.Columns));
        }

        MessageEncoder.WriteBlock(writer, schema, _times, _values);
    }
}
