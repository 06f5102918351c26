using System.Globalization;
using DataLayer.Protocol;

namespace DataLayer.Client.Ingest;

/// <summary>
/// Sends batches over one connection at a time and sees each through to its ack: connects when there is something to send, connects again after a failure
/// with growing, jittered pauses, takes from the welcome which batches are stored, and sends the others again. Any thread may enqueue.
/// </summary>
public sealed class BatchSender : IAsyncDisposable
{
    // Small batches are joined up to this size, so that many of them cost one send.
    private const int JoinBytes = 64 * 1024;

    private readonly DataLayerClientOptions _options;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _stop = new();
    private readonly MsgPackWriter _outgoing = new();
    private readonly Task _run;

    // Owned by: _gate.
    private readonly Lock _gate = new();
    private readonly Queue<PendingBatch> _waiting = new();
    private readonly Queue<PendingBatch> _unacked = new();
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _nextSeq;
    private long _lastHeardTicks;
    private long? _failingSinceTicks;

    public BatchSender(DataLayerClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _slots = new SemaphoreSlim(options.MaxUnackedBatches);
        _run = Task.Run(RunAsync);
    }

    /// <summary>The welcome of the latest connection; null before the first.</summary>
    public Welcome? Welcome { get; private set; }

    /// <summary>Connections that were made.</summary>
    public long Connections { get; private set; }

    /// <summary>
    /// Packs a batch of whole messages and queues it; waits while <see cref="DataLayerClientOptions.MaxUnackedBatches"/> are on their way. The bytes are free again on return.
    /// <paramref name="samples"/>: how many samples the messages hold, for the result.
    /// </summary>
    public async ValueTask<PendingBatch> EnqueueAsync(ReadOnlyMemory<byte> messages, long samples, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
        await _slots.WaitAsync(cancellation).ConfigureAwait(false);
        var batch = BatchPacker.Pack(messages.Span, samples, _options.Codec);
        lock (_gate)
        {
            _waiting.Enqueue(batch);
            _arrived.TrySetResult();
        }

        if (_stop.IsCancellationRequested) FailAll(new ObjectDisposedException(nameof(BatchSender)));
        return batch;
    }

    /// <summary>Closes the connection. Batches that are not acked fail.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        FailAll(new ObjectDisposedException(nameof(BatchSender), "the client was closed before the daemon acked"));
        _outgoing.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ArrivalAsync(_stop.Token).ConfigureAwait(false);
                var connection = await IngestConnection.ConnectAsync(_options, _stop.Token).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    Adopt(connection.Welcome);
                    await ServeAsync(connection).ConfigureAwait(false);
                }

                failures = 0;
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                failures = await RecoverAsync(e, failures).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Decides what a failure means for the batches at hand, and pauses before the next connection.</summary>
    private async Task<int> RecoverAsync(Exception e, int failures)
    {
        bool isOver;
        lock (_gate)
        {
            var now = _options.TimeProvider.GetTimestamp();
            // Acks since the last failure: this is a new one.
            if (_failingSinceTicks is null) failures = 0;
            _failingSinceTicks ??= now;
            isOver = _options.TimeProvider.GetElapsedTime(_failingSinceTicks.Value, now) >= _options.GiveUpAfter;
        }

        var isFinal = e is not DataLayerException { Kind: FailureKind.Unreachable or FailureKind.Unavailable };
        if (isFinal || isOver) FailAll(e);
        try
        {
            await Task.Delay(Backoff(failures), _options.TimeProvider, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Disposed; the loop sees it.
        }

        return failures + 1;
    }

    private TimeSpan Backoff(int failures)
    {
        var full = Math.Min(_options.ReconnectDelay.Ticks * Math.Pow(2, Math.Min(failures, 30)), _options.ReconnectDelayMax.Ticks);
#pragma warning disable CA5394 // Jitter guards nothing.
        return TimeSpan.FromTicks((long)(full * (0.5 + (Random.Shared.NextDouble() / 2))));
#pragma warning restore CA5394
    }

    /// <summary>Takes from the welcome which batches are stored; the others are sent again, in order.</summary>
    private void Adopt(Welcome welcome)
    {
        Welcome = welcome;
        Connections++;
        lock (_gate)
        {
            _lastHeardTicks = _options.TimeProvider.GetTimestamp();
            if (_options.Agent is null)
            {
                // Without a name the numbers mean nothing beyond this connection.
                _nextSeq = 1;
                foreach (var batch in _waiting) batch.Seq = 0;
                return;
            }

            if (_nextSeq > 0 && welcome.LastSeq >= _nextSeq) ThrowForeign(welcome.LastSeq);
            while (_waiting.TryPeek(out var stored) && stored.Seq > 0 && stored.Seq <= welcome.LastSeq) Release(_waiting.Dequeue());
            _nextSeq = Math.Max(_nextSeq, welcome.LastSeq + 1);
        }
    }

    /// <summary>The connection is over: what is not acked goes back to the head of the queue, in order.</summary>
    private void Requeue()
    {
        lock (_gate)
        {
            PendingBatch[] again = [.. _unacked, .. _waiting];
            _unacked.Clear();
            _waiting.Clear();
            foreach (var batch in again) _waiting.Enqueue(batch);
        }
    }

    private void ThrowForeign(long lastSeq)
    {
        var sent = _nextSeq - 1;
        _nextSeq = lastSeq + 1;
        throw new DataLayerException(
            FailureKind.Refused,
            $"the daemon has batch {lastSeq} of agent '{_options.Agent}', this client has sent {sent}: another client uses the same agent name; give each its own");
    }

    private async Task ServeAsync(IngestConnection connection)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var sending = SendLoopAsync(connection, over.Token);
        var receiving = ReceiveLoopAsync(connection, over.Token);
        var watching = WatchAsync(connection, over.Token);
        var first = await Task.WhenAny(sending, receiving, watching).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        connection.Abort();
        // The others end by the broken connection; only the first failure says why.
        await Task.WhenAll(sending, receiving, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Requeue();
        await first.ConfigureAwait(false);
    }

    private async Task SendLoopAsync(IngestConnection connection, CancellationToken cancellation)
    {
        while (true)
        {
            await ArrivalAsync(cancellation).ConfigureAwait(false);
            _outgoing.Clear();
            while (TryTake(out var batch))
            {
                MessageEncoder.WriteBatchHeader(_outgoing, batch.Seq, batch.Codec, batch.RawBytes, batch.PackedBytes);
                if (_outgoing.LengthBytes + batch.PackedBytes <= JoinBytes)
                {
                    _outgoing.WriteRaw(batch.Packed.Span);
                    continue;
                }

                await connection.SendAsync(_outgoing.WrittenMemory, cancellation).ConfigureAwait(false);
                _outgoing.Clear();
                await connection.SendAsync(batch.Packed, cancellation).ConfigureAwait(false);
            }

            await connection.SendAsync(_outgoing.WrittenMemory, cancellation).ConfigureAwait(false);
        }
    }

    private bool TryTake(out PendingBatch batch)
    {
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out batch!)) return false;
            if (batch.Seq == 0) batch.Seq = _nextSeq++;
            // Sent again, the daemon says again what is wrong with it.
            batch.ForgetFaults();
            // The silence that counts begins when something is owed.
            if (_unacked.Count == 0) _lastHeardTicks = _options.TimeProvider.GetTimestamp();
            _unacked.Enqueue(batch);
            return true;
        }
    }

    private async Task ReceiveLoopAsync(IngestConnection connection, CancellationToken cancellation)
    {
        ServerMessage? fault = null;
        while (true)
        {
            var message = await connection.ReceiveAsync(cancellation).ConfigureAwait(false);
            switch (message.Kind)
            {
                case ServerMessageKind.Ack:
                    OnAck(message.Seq);
                    break;
                case ServerMessageKind.Error when message.Seq > 0:
                    OnBatchError(message);
                    break;
                case ServerMessageKind.Error:
                    fault = message;
                    break;
                default:
                    if (!HasPending()) return;
                    throw Closed(connection, fault);
            }
        }
    }

    private static DataLayerException Closed(IngestConnection connection, ServerMessage? fault)
    {
        if (fault is not { } error) return new DataLayerException(FailureKind.Unreachable, $"the daemon at {connection.Endpoint} closed the connection before its acks");
        var kind = error.Code is ErrorCode.NotAMessage or ErrorCode.OverLimit or ErrorCode.NotAllowed ? FailureKind.Refused : FailureKind.Unreachable;
        return new DataLayerException(kind, $"the daemon at {connection.Endpoint} closed the connection: {error.Text} (error {(int)error.Code})", null, error.Code);
    }

    /// <summary>Ends when a connection owes acks and has been silent for too long: its other end may be gone without a word.</summary>
    private async Task WatchAsync(IngestConnection connection, CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(_options.AckTimeout / 4, _options.TimeProvider, cancellation).ConfigureAwait(false);
            lock (_gate)
            {
                if (_unacked.Count == 0) continue;
                if (_options.TimeProvider.GetElapsedTime(_lastHeardTicks) < _options.AckTimeout) continue;
            }

            throw new DataLayerException(
                FailureKind.Unreachable, $"the daemon at {connection.Endpoint} sent no ack for {_options.AckTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s");
        }
    }

    private bool HasPending()
    {
        lock (_gate) return _unacked.Count + _waiting.Count > 0;
    }

    private void OnAck(long seq)
    {
        lock (_gate)
        {
            _lastHeardTicks = _options.TimeProvider.GetTimestamp();
            _failingSinceTicks = null;
            while (_unacked.TryPeek(out var batch) && batch.Seq <= seq) Release(_unacked.Dequeue());
        }
    }

    /// <summary>A fault of some of a batch's messages is kept until its ack. A batch refused for now is sent again later; one refused for good is done.</summary>
    private void OnBatchError(ServerMessage error)
    {
        var (count, first) = FaultText.Read(error.Text);
        var fault = new BatchFault(error.Code, count, first, error.Text);
        lock (_gate)
        {
            _lastHeardTicks = _options.TimeProvider.GetTimestamp();
            if (_unacked.FirstOrDefault(b => b.Seq == error.Seq) is not { } batch) return;
            if (!fault.IsWholeBatch || !fault.IsTransient) batch.AddFault(fault);
            if (!fault.IsWholeBatch) return;
            if (!fault.IsTransient)
            {
                PendingBatch[] others = [.. _unacked.Where(b => b != batch)];
                _unacked.Clear();
                foreach (var other in others) _unacked.Enqueue(other);
                Release(batch);
                return;
            }
        }

        // The daemon takes an agent's batches in order only: all from this one on go again, after the pause that follows a failure.
        throw new DataLayerException(FailureKind.Unavailable, $"the daemon cannot store now: {error.Text} (error {(int)error.Code})", null, error.Code);
    }

    private void Release(PendingBatch batch)
    {
        batch.Complete();
        _slots.Release();
    }

    private void FailAll(Exception e)
    {
        PendingBatch[] failed;
        lock (_gate)
        {
            failed = [.. _unacked, .. _waiting];
            _unacked.Clear();
            _waiting.Clear();
            _failingSinceTicks = null;
        }

        foreach (var batch in failed) batch.Fail(e);
        if (failed.Length > 0) _slots.Release(failed.Length);
    }

    /// <summary>Completes when a batch waits to be sent.</summary>
    private Task ArrivalAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0) return Task.CompletedTask;
            if (_arrived.Task.IsCompleted) _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _arrived.Task.WaitAsync(cancellation);
        }
    }
}
