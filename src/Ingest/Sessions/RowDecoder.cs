using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DataLayer.Ingest.Records;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>Rows <c>[2, schema, time, bin]</c> and blocks <c>[3, schema, times, bin]</c>: values are copied as they are, and counted.</summary>
internal static class RowDecoder
{
    /// <summary>Thread: the session's. Allocates: no. Blocks: no. Fails: returns the fault, which may also mean that the bytes end too early.</summary>
    public static Fault DecodeRow(ReadOnlySpan<byte> bytes, Intake intake, SchemaTable schemas, out int length)
    {
        length = 0;
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var elements) || elements != 4 || !reader.TryReadInt64(out _)) return Fault.OperationShape;
        if (!reader.TryReadInt64(out var number)) return Fault.OperationShape;
        if (!intake.TryReadTime(ref reader, out var time)) return Fault.TimeNotATime;
        if (!reader.TryReadBinary(out var values)) return Fault.OperationShape;
        var samples = CountSamples(values);
        intake.FaultSamples = samples;
        if (schemas.Find(number) is not { } schema) return Fault.SchemaUnknown;
        if (values.Length != schema.Series.Length * sizeof(double)) return Fault.LengthMismatch;
        if (!intake.IsTimeAllowed(time)) return Fault.TimeOutOfRange;
        length = reader.Position;
        Add(schema, time, values, samples, intake);
        return Fault.None;
    }

    /// <summary>Thread: the session's. Allocates: no. Blocks: no. Fails: returns the fault, which may also mean that the bytes end too early.</summary>
    public static Fault DecodeBlock(ReadOnlySpan<byte> bytes, Intake intake, SchemaTable schemas, out int length)
    {
        length = 0;
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var elements) || elements != 4 || !reader.TryReadInt64(out _)) return Fault.OperationShape;
        if (!reader.TryReadInt64(out var number) || !reader.TryReadBinary(out var timeBytes) || !reader.TryReadBinary(out var values)) return Fault.OperationShape;
        intake.FaultSamples = CountSamples(values);
        if (schemas.Find(number) is not { } schema) return Fault.SchemaUnknown;
        var times = MemoryMarshal.Cast<byte, long>(timeBytes);
        if (timeBytes.Length % sizeof(long) != 0 || values.Length != (long)times.Length * schema.Series.Length * sizeof(double)) return Fault.LengthMismatch;
        foreach (var time in times)
        {
            if (!intake.IsTimeAllowed(time)) return Fault.TimeOutOfRange;
        }

        length = reader.Position;
        var stride = schema.Series.Length * sizeof(double);
        for (var i = 0; i < times.Length; i++)
        {
            var row = values.Slice(i * stride, stride);
            Add(schema, times[i], row, CountSamples(row), intake);
        }

        return Fault.None;
    }

    /// <summary>The whole words that are not "no sample".</summary>
    private static int CountSamples(ReadOnlySpan<byte> values)
    {
        var words = MemoryMarshal.Cast<byte, long>(values);
        return words.Length - words.Count(RecordLayout.NoSampleBits);
    }

    private static void Add(SessionSchema schema, long time, ReadOnlySpan<byte> values, int samples, Intake intake)
    {
        intake.Counters.Received += samples;
        if (schema.Refused.Length > 0) samples -= RejectColumnsSlow(schema, values, intake);

        // A row without samples stores nothing. It is left out, too, so that empty rows cannot blow up a record.
        if (samples == 0) return;
        if (schema.Schema is not null) intake.Record.AddRow(schema.Schema, time, values, samples);
        else AddSinglySlow(schema, time, values, intake);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int RejectColumnsSlow(SessionSchema schema, ReadOnlySpan<byte> values, Intake intake)
    {
        var words = MemoryMarshal.Cast<byte, long>(values);
        var rejected = 0;
        foreach (var (column, reason) in schema.Refused)
        {
            if (words[column] == RecordLayout.NoSampleBits) continue;
            intake.Counters.Rejected[(int)reason]++;
            rejected++;
        }

        return rejected;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddSinglySlow(SessionSchema schema, long time, ReadOnlySpan<byte> values, Intake intake)
    {
        var words = MemoryMarshal.Cast<byte, long>(values);
        for (var column = 0; column < words.Length; column++)
        {
            if (words[column] == RecordLayout.NoSampleBits || schema.Series[column] < 0) continue;
            intake.Record.AddSample(schema.Series[column], time, BitConverter.Int64BitsToDouble(words[column]));
        }
    }
}
