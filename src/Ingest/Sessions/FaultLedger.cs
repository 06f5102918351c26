using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// The faults of one batch, or of the unbatched messages of one read: how many of each kind, and which message was the first. Flushed as one error
/// per kind, so that a sender of a million bad samples gets a few errors and not a million. Owned by a session.
/// </summary>
internal sealed class FaultLedger(Outbox outbox)
{
    /// <summary>"For now" errors outside batches come at most this often on a connection: protocol.md leaves it to us, a full disk lasts longer.</summary>
    private const long ForNowIntervalMicros = 1_000_000;

    private readonly long[] _errors = new long[Enum.GetValues<ErrorCode>().Length];
    private long[] _counts = [];
    private long[] _firsts = [];
    private long _nextForNowAt = long.MinValue;
    private bool _any;

    /// <summary>Faults so far by code; never cleared.</summary>
    public IReadOnlyList<long> Errors => _errors;

    public ErrorCode FirstCode { get; private set; }

    public string? FirstText { get; private set; }

    /// <param name="message">Which message of the batch or connection, from 1.</param>
    public void Add(Fault fault, long message)
    {
        if (_counts.Length == 0) (_counts, _firsts) = (new long[FaultExtensions.Count], new long[FaultExtensions.Count]);
        _any = true;
        if (_counts[(int)fault]++ == 0) _firsts[(int)fault] = message;
        var code = fault.Code();
        _errors[(int)code]++;
        if (FirstCode != ErrorCode.None) return;
        FirstCode = code;
        FirstText = Text(fault, 1, message, "message");
    }

    /// <summary>Sends an error for each kind of fault. <paramref name="seq"/>: of the batch, or 0.</summary>
    public void Flush(long seq, bool isBatch, long nowMicros)
    {
        if (_any) FlushSlow(seq, isBatch, nowMicros);
    }

    /// <summary>Sends an error for each kind of fault outside batches, even where one has just been sent: an ack is to follow.</summary>
    public void FlushAll(long nowMicros)
    {
        if (!_any) return;
        _nextForNowAt = long.MinValue;
        FlushSlow(0, isBatch: false, nowMicros);
        if (_any) FlushAll(nowMicros);
    }

    private void FlushSlow(long seq, bool isBatch, long nowMicros)
    {
        _any = false;
        if (outbox.IsSilent)
        {
            Array.Clear(_counts);
            return;
        }

        for (var i = 1; i < _counts.Length; i++)
        {
            if (_counts[i] == 0) continue;
            var fault = (Fault)i;
            if (!isBatch && fault.IsForNow() && !MayTellForNow(nowMicros))
            {
                _any = true; // Told with the next that may be.
                continue;
            }

            outbox.SendError(seq, fault.Code(), Text(fault, _counts[i], _firsts[i], isBatch ? "message of the batch" : "message"));
            _counts[i] = 0;
        }
    }

    private bool MayTellForNow(long nowMicros)
    {
        if (nowMicros < _nextForNowAt) return false;
        _nextForNowAt = nowMicros + ForNowIntervalMicros;
        return true;
    }

    private static string Text(Fault fault, long count, long first, string what) =>
        count == 1 ? $"{fault.Describe()} ({what} {first})" : $"{fault.Describe()} ({count} times, first in {what} {first})";
}
