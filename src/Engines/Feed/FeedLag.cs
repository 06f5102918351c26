namespace DataLayer.Engines.Feed;

/// <summary>
/// How far an engine is behind, in samples and seconds. Samples are exact once the feeder has been at the end of the log; before that they are reckoned from the records
/// that it has read. Written by the feeder, read by any thread.
/// </summary>
public sealed class FeedLag(ILogSource log, TimeProvider time)
{
    private readonly Lock _lock = new();

    // Guarded by: _lock.
    private long _read;
    private long _recordsRead;
    private long _written;
    private long _position;
    private long _writtenArrival;
    private long? _storedBeforeRead;

    /// <summary>Records on disk that the engine does not hold.</summary>
    public long Records
    {
        get
        {
            lock (_lock) return Math.Max(0, log.DurableLsn - _position);
        }
    }

    /// <summary>Samples on disk that the engine does not hold, those that it does not take included.</summary>
    public long Samples
    {
        get
        {
            lock (_lock)
            {
                if (_position >= log.DurableLsn) return 0;
                if (_storedBeforeRead is { } before) return Math.Max(0, log.StoredSamples - before - _written);
                var mean = _recordsRead > 0 ? (double)_read / _recordsRead : 1;
                return (long)((log.DurableLsn - _position) * mean);
            }
        }
    }

    /// <summary>Age of the newest sample that the engine holds, by its arrival; 0 when it holds all.</summary>
    public double Seconds
    {
        get
        {
            lock (_lock)
            {
                if (_position >= log.DurableLsn || _writtenArrival == 0) return 0;
                return Math.Max(0, ((time.GetUtcNow().ToUnixTimeMilliseconds() * 1000L) - _writtenArrival) / 1e6);
            }
        }
    }

    /// <summary>A run begins at this position.</summary>
    internal void Begin(long position)
    {
        lock (_lock) (_position, _read, _recordsRead, _written, _storedBeforeRead) = (position, 0, 0, 0, null);
    }

    internal void OnRead(int samples, long arrivalMicros)
    {
        lock (_lock)
        {
            _read += samples;
            _recordsRead++;
            if (_writtenArrival == 0) _writtenArrival = arrivalMicros;
        }
    }

    /// <summary>The reader is at the end of the log.</summary>
    internal void OnCaughtUp(long readerPosition)
    {
        lock (_lock)
        {
            if (_storedBeforeRead is not null) return;
            var stored = log.StoredSamples;
            if (log.DurableLsn == readerPosition) _storedBeforeRead = stored - _read;
        }
    }

    internal void OnWritten(long position, long samplesRead, long lastArrivalMicros)
    {
        lock (_lock) (_position, _written, _writtenArrival) = (position, _written + samplesRead, lastArrivalMicros);
    }
}
