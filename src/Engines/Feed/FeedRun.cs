using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Feed;

/// <summary>
/// One run of a feeder from the engine's position on: while one batch is written the next one is gathered, and grows as long as the write takes; so batches are small and fresh in quiet
/// times, large when the engine lags. Ends by cancellation, or when the engine's position is no longer where it was left. Used once, by one task.
/// </summary>
internal sealed class FeedRun : IDisposable
{
    /// <summary>A batch may grow to so many times its usual size while the one before it is written.</summary>
    private const int GrowthMax = 16;

    /// <summary>Flush intervals that a batch may wait when the engine wishes for larger ones than are configured.</summary>
    private const int PreferredPatience = 4;

    private static readonly TimeSpan GatherPause = TimeSpan.FromMilliseconds(5);

    /// <summary>How often the position moves when the engine takes nothing of what comes.</summary>
    private static readonly TimeSpan EmptyInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ExpireInterval = TimeSpan.FromMinutes(1);

    private readonly IFedEngine _engine;
    private readonly FeedOptions _options;
    private readonly FeedContext _context;
    private readonly FeedReport _report;
    private readonly LogReader _reader;
    private readonly KnownTimes _known;
    private readonly Record _record = new(1 << 16);
    private BatchBuilder _building;
    private BatchBuilder _written;
    private long _expiredAt;

    public FeedRun(IFedEngine engine, FeedOptions options, FeedContext context, FeedReport report)
    {
        (_engine, _options, _context, _report) = (engine, options, context, report);
        _reader = context.Log.Open(engine.Position);
        _known = new KnownTimes(engine.LastTimeMicros);
        var filter = new SeriesFilter(context.Catalog, options.Names, options.Labels);
        _building = new BatchBuilder(context.Catalog, filter, engine.MinTimeMicros, engine.MaxTimeMicros, engine is IEventStore);
        _written = new BatchBuilder(context.Catalog, filter, engine.MinTimeMicros, engine.MaxTimeMicros, engine is IEventStore);
        _expiredAt = context.Time.GetTimestamp();
        report.Lag.Begin(engine.Position);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        var writing = Task.CompletedTask;
        try
        {
            _building.Begin(_reader.Position);
            while (true)
            {
                await GatherAsync(writing, cancellation);
                await writing;
                await ExpireAsync(cancellation);
                (_building, _written) = (_written, _building);
                _building.Begin(_written.EndLsn);
                writing = WriteAsync(_written.Build(_known), cancellation);
            }
        }
        finally
        {
            // Nothing of this run touches the engine once it has ended; how the write ended was told, or it was cancelled.
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>Fills the batch: until the flush interval is over and the batch before it is written, or it is full.</summary>
    private async Task GatherAsync(Task writing, CancellationToken cancellation)
    {
        while (!Drain())
        {
            cancellation.ThrowIfCancellationRequested();
            if (!writing.IsCompleted)
            {
                await Task.WhenAny(writing, _context.Log.WaitAsync(_reader.Position + 1, cancellation));
                continue;
            }

            await writing; // It may have ended the run, which is to be known now, not with the next record.
            await WaitForRecordAsync(cancellation);
        }

        var began = _context.Time.GetTimestamp();
        while (!IsFull && IsEarly(_context.Time.GetElapsedTime(began)))
        {
            await Task.Delay(_options.FlushInterval, _context.Time, cancellation);
            Drain();
        }

        while (!writing.IsCompleted && !IsFull)
        {
            await Task.WhenAny(writing, Task.Delay(GatherPause, _context.Time, cancellation));
            cancellation.ThrowIfCancellationRequested();
            Drain();
        }
    }

    private bool IsEarly(TimeSpan age)
    {
        if (_building.SampleCount == 0 && _building.Events.Count == 0) return age < EmptyInterval;
        var preferred = _engine.PreferredBatchRows;
        if (preferred <= _options.BatchRows) return _building.SampleCount < _options.BatchRows && age < _options.FlushInterval;
        return _building.SampleCount < preferred && age < PreferredPatience * _options.FlushInterval;
    }

    private bool IsFull => _building.SampleCount >= (long)_options.BatchRows * GrowthMax || _building.Bytes >= _options.BatchBytes;

    /// <summary>Takes in what the log has, as far as there is room. Whether the batch holds a record.</summary>
    private bool Drain()
    {
        while (!IsFull)
        {
            if (!_reader.TryRead(_record))
            {
                _report.Lag.OnCaughtUp(_reader.Position);
                break;
            }

            _building.Add(_record);
            _report.Lag.OnRead(_record.SampleCount, _record.ArrivalMicros);
        }

        return _building.HasRecords;
    }

    private async Task WaitForRecordAsync(CancellationToken cancellation)
    {
        try
        {
            await _context.Log.WaitAsync(_reader.Position + 1, cancellation).WaitAsync(ExpireInterval, _context.Time, cancellation);
        }
        catch (TimeoutException)
        {
            await ExpireAsync(cancellation);
        }
    }

    /// <summary>Writes a batch, again and again until the engine has it.</summary>
    private async Task WriteAsync(LogBatch batch, CancellationToken cancellation)
    {
        var (samplesRead, lastArrival) = (_written.SamplesRead, _written.Arrivals.Last);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if (attempt > 0) await _engine.OpenAsync(cancellation);
                if (_engine.Position < batch.AfterLsn) throw new PositionMovedException($"{_engine.Name} stands at LSN {_engine.Position} and stood at {batch.AfterLsn}: it is read again from there");
                var began = _context.Time.GetTimestamp();
                if (_engine.Position < batch.EndLsn) await StoreAsync(batch, cancellation);
                _report.OnWritten(_engine.Position, batch.SampleCount, _context.Time.GetElapsedTime(began));
                _report.Lag.OnWritten(_engine.Position, samplesRead, lastArrival);
                return;
            }
            catch (Exception error) when (error is not PositionMovedException && !cancellation.IsCancellationRequested)
            {
                _report.OnFailed(error);
                await Task.Delay(RetryPause.Of(attempt + 1, _options.RetryPause, _options.RetryPauseMax), _context.Time, cancellation);
            }
        }
    }

    private async Task StoreAsync(LogBatch batch, CancellationToken cancellation)
    {
        _context.Letters.Add(_written.Unholdable);
        _written.Unholdable.Clear();
        if (_engine is IEventStore store && _written.Events.Count > 0) await StoreEventsAsync(store, _context.Letters, _written.Events, cancellation);
        try
        {
            batch.Reset();
            await _engine.WriteAsync(batch, cancellation);
        }
        catch (RefusedSamplesException) when (batch.SampleCount > 0)
        {
            var refused = new RefusedBatch(_engine, batch);
            await refused.StoreAsync(cancellation);
            _context.Letters.Add(refused.Letters);
            await _engine.WriteAsync(batch.Empty, cancellation);
        }
    }

    /// <summary>Events before the position that stands for them; those that the engine refuses go to the dead letters one by one.</summary>
    internal static async Task StoreEventsAsync(IEventStore store, DeadLetters letters, IReadOnlyList<EngineEvent> events, CancellationToken cancellation)
    {
        try
        {
            await store.AddEventsAsync(events, cancellation);
        }
        catch (RefusedSamplesException error) when (events.Count == 1)
        {
            letters.Add(events[0], error.Message);
        }
        catch (RefusedSamplesException)
        {
            foreach (var one in events) await StoreEventsAsync(store, letters, [one], cancellation);
        }
    }

    /// <summary>Retention, once a minute, between two batches.</summary>
    private async Task ExpireAsync(CancellationToken cancellation)
    {
        if (_context.Time.GetElapsedTime(_expiredAt) < ExpireInterval) return;
        _expiredAt = _context.Time.GetTimestamp();
        try
        {
            await _engine.ExpireAsync(cancellation);
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            // Tried again in a minute; the health says so until a batch is written.
            _report.OnFailed(error);
        }
    }
}
