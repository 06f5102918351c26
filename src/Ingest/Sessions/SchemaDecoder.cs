using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// Declarations of schemas: <c>[1, schema, common, [[name, labels], …]]</c>. A series that is refused (a bad name, the limit of series) becomes a column
/// whose samples are rejected; its neighbours are kept. In a datagram a schema lives as long as the datagram and needs nothing of the pipeline.
/// </summary>
internal sealed class SchemaDecoder(SessionHost host, SchemaTable schemas, bool isDatagram)
{
    private readonly List<(int Column, RejectReason Reason)> _refused = [];

    /// <summary>Decodes a declaration that is known to be whole. Thread: the session's. Allocates: the schema. Fails: returns the fault; then there is no such schema.</summary>
    public Fault Decode(ReadOnlySpan<byte> bytes, Intake intake)
    {
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var elements) || elements != 4 || !reader.TryReadInt64(out _)) return Fault.OperationShape;
        if (!reader.TryReadInt64(out var number)) return Fault.OperationShape;
        schemas.Remove(number);
        var common = reader;
        if (!reader.TrySkip() || !reader.TryReadArrayHeader(out var count)) return Fault.OperationShape;
        if (count > host.Options.MaxSchemaSeries) return Fault.SchemaTooWide;
        long budgetBytes = 0;
        if (!isDatagram && !schemas.TryTakeRoom(count, out budgetBytes)) return Fault.TooManySchemas;
        var series = new int[count];
        _refused.Clear();
        for (var column = 0; column < count; column++)
        {
            var fault = DecodeSeries(ref reader, common, intake, out series[column]);
            if (fault == Fault.OperationShape)
            {
                schemas.ReturnRoom(budgetBytes);
                return fault;
            }

            if (fault == Fault.None) continue;
            series[column] = -1;
            _refused.Add((column, fault.Reason()));
            intake.Tell(fault);
        }

        var schema = isDatagram || _refused.Count == count ? null : host.Sink.CreateSchema(series);
        schemas.Set(number, new SessionSchema(schema, series, [.. _refused], budgetBytes));
        return Fault.None;
    }

    private static Fault DecodeSeries(ref MsgPackReader reader, MsgPackReader common, Intake intake, out int series)
    {
        series = -1;
        if (!reader.TryReadArrayHeader(out var elements) || elements != 2 || !reader.TryReadString(out var name)) return Fault.OperationShape;
        intake.Key.Begin(name);
        if (!intake.TryAddLabels(ref common) || !intake.TryAddLabels(ref reader)) return Fault.OperationShape;
        return intake.Resolve(out series);
    }
}
