using System.Diagnostics;
using System.IO.Pipelines;
using DataLayer.Ingest.Sessions;

namespace DataLayer.Daemon.Tcp;

/// <summary>Moves the bytes of a pipe into a session: a connection's or a request body's. Stops reading while the ring is full: that is the back-pressure.</summary>
internal static class SessionPump
{
    /// <summary>How long a connection is served before it is another's turn: 2 ms, some hundred times what the change costs.</summary>
    private static readonly long TurnTicks = Stopwatch.Frequency / 500;

    /// <summary>
    /// Runs until the input ends, the session closes, or the pending read is cancelled. Continue: the input ended or was cancelled; Closed: the session
    /// has said why. Throws <see cref="OperationCanceledException"/> when <paramref name="cancellation"/> fires while the ring is full.
    /// </summary>
    public static async Task<SessionStatus> RunAsync(PipeReader reader, Session session, Func<CancellationToken, ValueTask> waitForCapacity, CancellationToken cancellation)
    {
        var (busy, gained) = (0L, session.Gained);
        while (true)
        {
            // The token is not given to ReadAsync: registering it costs on every read. Aborts come through the transport, stops through CancelPendingRead.
            var result = await reader.ReadAsync(CancellationToken.None);
            var began = Stopwatch.GetTimestamp();
            var status = SessionStatus.Continue;
            foreach (var memory in result.Buffer)
            {
                status = await ConsumeAsync(memory, session, waitForCapacity, cancellation);
                if (status == SessionStatus.Closed) break;
            }

            reader.AdvanceTo(result.Buffer.End);
            if (status == SessionStatus.Closed) return status;
            var ends = result.IsCompleted;
            status = await FinishAsync(session, ends, waitForCapacity, cancellation);
            if (status == SessionStatus.Closed || ends || result.IsCanceled) return status;
            busy += Stopwatch.GetTimestamp() - began;
            if (busy < TurnTicks) continue;

            // Behind all others that are ready: a peer with always more to say must not keep a thread of the pool for itself.
            if (session.Gained > gained) await Task.Yield();
            else await Task.Delay(PauseAfter(Stopwatch.GetElapsedTime(0, busy)), cancellation);
            (busy, gained) = (0, session.Gained);
        }
    }

    /// <summary>
    /// A turn that brought neither a sample nor a series (faults, flushes, schemas known before) is followed by four times as long of listening to others, up to a second:
    /// so what is of no use to anybody has at most a fifth of a core for each connection.
    /// </summary>
    internal static TimeSpan PauseAfter(TimeSpan busy) => TimeSpan.FromTicks(Math.Min(4 * busy.Ticks, TimeSpan.TicksPerSecond));

    private static async ValueTask<SessionStatus> ConsumeAsync(ReadOnlyMemory<byte> bytes, Session session, Func<CancellationToken, ValueTask> waitForCapacity, CancellationToken cancellation)
    {
        while (true)
        {
            var status = session.Consume(bytes.Span, out var consumed);
            if (status != SessionStatus.Backpressure) return status;
            bytes = bytes[consumed..];
            await waitForCapacity(cancellation);
        }
    }

    private static async ValueTask<SessionStatus> FinishAsync(Session session, bool ends, Func<CancellationToken, ValueTask> waitForCapacity, CancellationToken cancellation)
    {
        while (true)
        {
            var status = ends ? session.EndInput() : session.FinishInput();
            if (status != SessionStatus.Backpressure) return status;
            await waitForCapacity(cancellation);
        }
    }
}
