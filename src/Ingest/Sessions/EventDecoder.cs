using System.Buffers.Text;
using System.Globalization;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// Events: <c>[6, type, source, time, {…}]</c>, protocol.md section 2.3. The document is kept as it came. An event without an id gets one here, which is stored with it:
/// so it is the same after a replay.
/// </summary>
internal static class EventDecoder
{
    /// <summary>A number or a made id as text.</summary>
    private const int IdBytesMax = 64;

    /// <summary>Thread: the session's. Allocates: no. Blocks: no. Fails: returns the fault, which may also mean that the bytes end too early.</summary>
    public static Fault Decode(ReadOnlySpan<byte> bytes, Intake intake, int maxDocumentBytes, out int length)
    {
        length = 0;
        (intake.FaultSamples, intake.FaultEvents) = (0, 1);
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var elements) || elements != 5 || !reader.TryReadInt64(out _)) return Fault.EventShape;
        if (!reader.TryReadString(out var type) || !(reader.TryReadString(out var source) || reader.TryReadNil())) return Fault.EventShape;
        if (!intake.TryReadTime(ref reader, out var time)) return Fault.TimeNotATime;
        var start = reader.Position;
        if (reader.PeekKind() != MsgPackKind.Map || !reader.TrySkip(ProtocolLimits.MaxDepth - 1)) return Fault.EventShape;
        var document = reader.Since(start);
        if (document.Length > maxDocumentBytes) return Fault.MessageTooLarge;
        if (!intake.IsTimeAllowed(time)) return Fault.TimeOutOfRange;
        if (SeriesKey.CheckName(type) != SeriesKeyStatus.Ok || (!source.IsEmpty && SeriesKey.CheckName(source) != SeriesKeyStatus.Ok)) return Fault.EventName;
        Span<byte> scratch = stackalloc byte[IdBytesMax];
        if (!TryFindId(document, scratch, intake.ArrivalMicros, out var id)) return Fault.EventId;
        length = reader.Position;
        intake.FaultEvents = 0;
        intake.Counters.EventsReceived++;
        intake.Record.AddEvent(time, id, type, source, document);
        return Fault.None;
    }

    /// <summary>The first <c>id</c> of the map; where there is none, or it is nil, a new one: a UUID of version 7, so that later ones sort behind.</summary>
    private static bool TryFindId(ReadOnlySpan<byte> document, Span<byte> scratch, long arrivalMicros, out ReadOnlySpan<byte> id)
    {
        var reader = new MsgPackReader(document);
        reader.TryReadMapHeader(out var pairs);
        for (; pairs > 0; pairs--)
        {
            var isId = reader.TryReadString(out var key) ? key.SequenceEqual("id"u8) : !reader.TrySkip();
            if (isId && !reader.TryReadNil()) return TryReadId(reader.Rest, scratch, out id);
            if (!isId) reader.TrySkip();
        }

        Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddMicroseconds(Math.Max(0, arrivalMicros))).TryFormat(scratch, out var written);
        id = scratch[..written];
        return true;
    }

    private static bool TryReadId(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> id)
    {
        var reader = new MsgPackReader(value);
        var written = 0;
        if (reader.TryReadString(out id)) return SeriesKey.CheckName(id) == SeriesKeyStatus.Ok;
        var isNumber = reader.TryReadInt64(out var signed) ? Utf8Formatter.TryFormat(signed, scratch, out written)
            : reader.TryReadUInt64(out var unsigned) ? Utf8Formatter.TryFormat(unsigned, scratch, out written)
            : reader.TryReadDouble(out var number) && double.IsFinite(number) && number.TryFormat(scratch, out written, "R", CultureInfo.InvariantCulture);
        id = scratch[..written];
        return isNumber;
    }
}
