using System.Runtime.CompilerServices;
using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// What the decoders of a session share: the record under way, the moment of arrival, limits, counters, faults. Owned by a session, its thread alone.
/// </summary>
internal sealed class Intake(SessionHost host, IngestCounters counters, FaultLedger faults)
{
    private readonly long _minTimeMicros = host.Options.MinTimeMicros;
    private readonly long _maxFutureMicros = (long)host.Options.MaxFuture.TotalMicroseconds;
    private SeriesKeyBuilder? _key;
    private int _seriesAdded;
    private ulong _timeRangeMicros;

    public SeriesRegistry Registry { get; } = host.Sink.Registry;

    public IngestCounters Counters { get; } = counters;

    public FaultLedger Faults { get; } = faults;

    /// <summary>Where samples go. There is one while bytes are being consumed.</summary>
    public Record Record { get; set; } = null!;

    public Agent? Agent { get; set; }

    /// <summary>When the bytes at hand arrived: one clock read for all of them.</summary>
    public long ArrivalMicros { get; private set; }

    /// <summary>Which message of the batch or of the connection is being decoded, from 1: for errors.</summary>
    public long Message { get; set; }

    /// <summary>Samples that the message holds if it is refused. Set by decoders that know better than "one".</summary>
    public long FaultSamples { get; set; }

    /// <summary>Events that the message holds if it is refused: set by the decoder of events, taken by <see cref="Reject"/>. 0 between messages.</summary>
    public long FaultEvents { get; set; }

    /// <summary>Made when first needed: most series are found by their raw bytes.</summary>
    public SeriesKeyBuilder Key => _key ??= new SeriesKeyBuilder();

    public void BeginInput(long nowMicros)
    {
        ArrivalMicros = nowMicros;
        _timeRangeMicros = (ulong)Math.Max(0, nowMicros + _maxFutureMicros - _minTimeMicros);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsTimeAllowed(long timeMicros) => (ulong)(timeMicros - _minTimeMicros) <= _timeRangeMicros;

    /// <summary>Reads a time: a timestamp, an integer of microseconds, or nil for the arrival.</summary>
    public bool TryReadTime(ref MsgPackReader reader, out long timeMicros)
    {
        if (reader.TryReadInt64(out timeMicros) || reader.TryReadTimestamp(out timeMicros)) return true;
        timeMicros = ArrivalMicros;
        return reader.TryReadNil();
    }

    /// <summary>The series of <see cref="Key"/>, registered if it is new.</summary>
    public Fault Resolve(out int series)
    {
        series = -1;
        var status = Key.Finish(out var key);
        if (status != SeriesKeyStatus.Ok) return FaultExtensions.Of(status);

        // New series are registered even while samples are refused: their own limit bounds them, and a schema must not lose columns to a full disk.
        // The registry increments the count under its own lock, so sessions of one agent may pass the same one.
        ref var added = ref Agent is null ? ref _seriesAdded : ref Agent.SeriesAdded;
        return FaultExtensions.Of(Registry.GetOrAdd(key, ref added, host.SeriesPerAgentMax, out series));
    }

    /// <summary>Counts a fault that takes samples with it, received just now.</summary>
    public void Reject(Fault fault, long samples)
    {
        Counters.Received += samples;
        Counters.Rejected[(int)fault.Reason()] += samples;
        Counters.EventsReceived += FaultEvents;
        Counters.EventsRejected[(int)fault.Reason()] += FaultEvents;
        FaultEvents = 0;
        Tell(fault);
    }

    /// <summary>Counts a fault for the errors to the peer.</summary>
    public void Tell(Fault fault)
    {
        Counters.Faults++;
        Faults.Add(fault, Message);
    }

    /// <summary>Adds the labels of a map of strings (or nil) to <see cref="Key"/>. False where it is none.</summary>
    public bool TryAddLabels(ref MsgPackReader reader)
    {
        if (reader.TryReadNil()) return true;
        if (!reader.TryReadMapHeader(out var count)) return false;
        for (; count > 0; count--)
        {
            if (!reader.TryReadString(out var name) || !reader.TryReadString(out var value)) return false;
            Key.AddLabel(name, value);
        }

        return true;
    }
}
