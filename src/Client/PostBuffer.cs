using DataLayer.Client.Ingest;
using DataLayer.Protocol;

namespace DataLayer.Client;

/// <summary>Gathers posted samples into batches: one is sent when it is full, or when its first sample has waited long enough. Any thread.</summary>
internal sealed class PostBuffer : IAsyncDisposable
{
    private readonly BatchSender _sender;
    private readonly DataLayerClientOptions _options;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ITimer _timer;

    // Owned by: _turn.
    private readonly MsgPackWriter _messages = new();
    private readonly List<PendingBatch> _sent = [];
    private long _samples;
    private StoreResult _done = new(0, 0, []);

    public PostBuffer(BatchSender sender, DataLayerClientOptions options)
    {
        _sender = sender;
        _options = options;
        _timer = options.TimeProvider.CreateTimer(_ => _ = OnTimerAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public async ValueTask AddAsync(MetricSample sample, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            SampleWriter.Write(_messages, sample, _options.TimeProvider.GetUtcNow());
            _samples++;
            if (_messages.LengthBytes >= _options.BatchBytes || _options.BatchInterval == TimeSpan.Zero) await SendAsync(cancellation).ConfigureAwait(false);
            else if (_samples == 1) _timer.Change(_options.BatchInterval, Timeout.InfiniteTimeSpan);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends what is gathered and waits for all acks; the result covers all samples since the last flush.</summary>
    public async Task<StoreResult> FlushAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await SendAsync(cancellation).ConfigureAwait(false);
            foreach (var batch in _sent) _done = Results.Add(_done, await batch.Completion.WaitAsync(cancellation).ConfigureAwait(false));
            return _done;
        }
        finally
        {
            _sent.Clear();
            _done = new StoreResult(0, 0, []);
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
        _messages.Dispose();
    }

    private async Task OnTimerAsync()
    {
        try
        {
            await _turn.WaitAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        try
        {
            await SendAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The client was closed while its last batch waited for a slot; its flush has reported that.
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask SendAsync(CancellationToken cancellation)
    {
        if (_samples == 0) return;
        var batch = await _sender.EnqueueAsync(_messages.WrittenMemory, _samples, cancellation).ConfigureAwait(false);
        _messages.Clear();
        _samples = 0;
        FoldFinished();
        _sent.Add(batch);
    }

    /// <summary>Keeps the list of batches as short as what is on its way, for clients that never flush. A failed batch stays, for the flush to throw.</summary>
    private void FoldFinished()
    {
        for (var i = _sent.Count - 1; i >= 0; i--)
        {
            if (!_sent[i].Completion.IsCompletedSuccessfully) continue;
            _done = Results.Add(_done, _sent[i].Completion.Result);
            _sent.RemoveAt(i);
        }
    }
}
