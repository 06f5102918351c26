namespace DataLayer.Engines.Feed;

/// <summary>What is counted of one engine's feed. Written by the feeder, read by any thread.</summary>
public sealed class FeedGauges(TimeProvider time)
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();

    // Guarded by: _lock.
    private long _samples;
    private long _batches;
    private long _failures;
    private long _markedSamples;
    private long _markedAt = time.GetTimestamp();
    private double _rate;
    private TimeSpan _lastWrite;
    private string _lastError = "";
    private DateTimeOffset _lastErrorAt;

    /// <summary>Samples written since the daemon started; those that were written again count again.</summary>
    public long Samples
    {
        get
        {
            lock (_lock) return _samples;
        }
    }

    public long Batches
    {
        get
        {
            lock (_lock) return _batches;
        }
    }

    /// <summary>Calls to the engine that failed and were tried again.</summary>
    public long Failures
    {
        get
        {
            lock (_lock) return _failures;
        }
    }

    /// <summary>Samples a second, over the last five to ten seconds.</summary>
    public double Rate
    {
        get
        {
            lock (_lock)
            {
                Roll();
                return _rate;
            }
        }
    }

    /// <summary>How long the last batch took to write.</summary>
    public TimeSpan LastWrite
    {
        get
        {
            lock (_lock) return _lastWrite;
        }
    }

    /// <summary>The last failure, however long ago; empty: there was none.</summary>
    public (string Text, DateTimeOffset At) LastError
    {
        get
        {
            lock (_lock) return (_lastError, _lastErrorAt);
        }
    }

    internal void OnWritten(long samples, TimeSpan took)
    {
        lock (_lock)
        {
            _samples += samples;
            _batches++;
            _lastWrite = took;
            Roll();
        }
    }

    internal void OnFailed(string error)
    {
        lock (_lock)
        {
            _failures++;
            (_lastError, _lastErrorAt) = (error, time.GetUtcNow());
        }
    }

    private void Roll()
    {
        var passed = time.GetElapsedTime(_markedAt);
        if (passed < RateWindow) return;
        _rate = (_samples - _markedSamples) / passed.TotalSeconds;
        (_markedSamples, _markedAt) = (_samples, time.GetTimestamp());
    }
}
