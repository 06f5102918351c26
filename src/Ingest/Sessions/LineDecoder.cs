using System.Runtime.CompilerServices;
using DataLayer.Ingest.Records;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>Sample lines: <c>[name, labels, time, value]</c> and <c>[name, labels, time, value, quality]</c>, protocol.md section 2.1.</summary>
internal static class LineDecoder
{
    /// <summary>Names and labels longer than this are resolved by their canonical key each time, so that odd agents do not fill the cache of raw bytes.</summary>
    private const int MaxCachedBytes = 4096;

    /// <summary>
    /// Decodes one line. A fault may also mean that the bytes end too early: the caller finds out. Nothing is done before all has been read.
    /// Thread: the session's. Allocates: no; for a new series, yes. Blocks: no. Fails: returns the fault.
    /// </summary>
    public static Fault Decode(ReadOnlySpan<byte> bytes, Intake intake, out int length)
    {
        length = 0;
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var count) || (uint)(count - 4) > 1) return Fault.LineShape;
        var start = reader.Position;
        if (!reader.TryReadString(out var name)) return Fault.LineShape;
        if (!TrySkipLabels(ref reader)) return Fault.LabelsNotStrings;
        var raw = reader.Since(start);
        if (!intake.TryReadTime(ref reader, out var time)) return Fault.TimeNotATime;
        if (!TryReadValue(ref reader, out var value)) return Fault.ValueNotANumber;
        var quality = 1d;
        if (count == 5 && !(reader.TryReadDouble(out quality) && quality is >= 0 and <= 1)) return Fault.QualityOutOfRange;
        if (!intake.IsTimeAllowed(time)) return Fault.TimeOutOfRange;
        if (!intake.Registry.TryGetRaw(raw, out var series))
        {
            var fault = ResolveSlow(raw, name, intake, out series);
            if (fault != Fault.None) return fault;
        }

        length = reader.Position;
        intake.Counters.Received++;
        if (quality == 1d) intake.Record.AddSample(series, time, value);
        else intake.Record.AddSample(series, time, value, (float)quality);
        return Fault.None;
    }

    private static bool TrySkipLabels(ref MsgPackReader reader)
    {
        if (!reader.TryReadMapHeader(out var pairs)) return reader.TryReadNil();
        for (; pairs > 0; pairs--)
        {
            if (!reader.TryReadString(out _) || !reader.TryReadString(out _)) return false;
        }

        return true;
    }

    private static bool TryReadValue(ref MsgPackReader reader, out double value)
    {
        if (reader.TryReadDouble(out value)) return true;
        if (reader.TryReadBoolean(out var flag))
        {
            value = flag ? 1 : 0;
            return true;
        }

        value = BitConverter.Int64BitsToDouble(RecordLayout.NoSampleBits);
        return reader.TryReadNil();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Fault ResolveSlow(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> name, Intake intake, out int series)
    {
        intake.Key.Begin(name);
        var reader = new MsgPackReader(raw);
        reader.TrySkip();
        intake.TryAddLabels(ref reader);
        var fault = intake.Resolve(out series);
        if (fault == Fault.None && raw.Length <= MaxCachedBytes) intake.Registry.AddRaw(raw, series);
        return fault;
    }
}
