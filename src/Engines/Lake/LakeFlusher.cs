using DataLayer.Engines.Feed;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Moves the hot store to an engine, generation by generation, and lets go of the log behind it. The daemon hosts <see cref="RunAsync"/> as one worker;
/// when the engine fails, the generation is kept and written again after a pause.
/// </summary>
public sealed class LakeFlusher(IEngine engine, IHotGenerations hot, LakeFlusherOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _flushing = new(1, 1);

    // Owned by: the holder of _flushing. Sealed, but not yet in the engine.
    private ISampleSource? _pending;
    private volatile EngineHealth _health = EngineHealth.Healthy;
    private long _flushes;
    private long _failures;

    /// <summary>Healthy, or why the last write failed.</summary>
    public EngineHealth Health => _health;

    public long Flushes => Interlocked.Read(ref _flushes);

    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>How long the last flush took, seal to commit.</summary>
    public TimeSpan LastDuration { get; private set; }

    /// <summary>Flushes by time and size until cancelled. Failures of the engine are retried for ever; see <see cref="Health"/>.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        hot.ReleaseLog(engine.Position);
        var attempt = 0;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await WaitAsync(attempt, cancellation);
                await FlushAsync(cancellation);
                attempt = 0;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                // FlushAsync has counted it and set the health; the generation is kept for the next attempt.
                attempt++;
            }
        }
    }

    /// <summary>
    /// Seals what is hot and writes it, after what an earlier failure left. Returns when it is durable; throws what the engine threw.
    /// Also for the orderly stop of the daemon.
    /// </summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        await _flushing.WaitAsync(cancellation);
        try
        {
            var isRetry = _pending is not null;
            await WritePendingAsync(cancellation);
            if (isRetry) await WritePendingAsync(cancellation);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Interlocked.Increment(ref _failures);
            var state = error is EngineException { IsTransient: true } ? EngineState.Degraded : EngineState.Failed;
            _health = new EngineHealth(state, $"{engine.Name}: {error.Message}; the samples stay in memory and in the log, and the write is tried again");
            throw;
        }
        finally
        {
            _flushing.Release();
        }
    }

    private async Task WritePendingAsync(CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        _pending ??= await hot.SealAsync(cancellation);
        if (_pending is { } generation)
        {
            await engine.WriteAsync(generation, cancellation);
            hot.Drop(generation);
            _pending = null;
            LastDuration = time.GetElapsedTime(start);
            Interlocked.Increment(ref _flushes);
        }

        hot.ReleaseLog(engine.Position);
        _health = EngineHealth.Healthy;
    }

    private async Task WaitAsync(int attempt, CancellationToken cancellation)
    {
        if (attempt > 0)
        {
            await Task.Delay(RetryPause.Of(attempt, options.RetryPause, options.RetryPauseMax), time, cancellation);
            return;
        }

        var start = time.GetTimestamp();
        while (time.GetElapsedTime(start) is var waited && waited < options.FlushInterval)
        {
            var rest = options.FlushInterval - waited;
            await Task.Delay(rest < options.PollInterval ? rest : options.PollInterval, time, cancellation);
            if (hot.ActiveSamples >= options.FlushSamples || hot.IsMemoryFilling) return;
        }
    }

    public void Dispose() => _flushing.Dispose();
}
