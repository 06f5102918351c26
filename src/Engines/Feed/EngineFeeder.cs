namespace DataLayer.Engines.Feed;

/// <summary>
/// Feeds one engine from the log, for as long as the daemon runs: opens it, writes batch after batch, tries again when it fails, and does what people order meanwhile.
/// One task runs <see cref="RunAsync"/> and alone touches the engine; orders and readings come from any thread.
/// </summary>
public sealed class EngineFeeder : IAsyncDisposable
{
    private readonly FeedOptions _options;
    private readonly FeedContext _context;
    private readonly Lock _lock = new();

    // Guarded by: _lock.
    private readonly Queue<FeedOrder> _orders = [];
    private CancellationTokenSource? _turn;
    private bool _ended;

    // Owned by: the running task; read by any.
    private volatile int _state;

    public EngineFeeder(IFedEngine engine, FeedOptions options, FeedContext context)
    {
        ArgumentNullException.ThrowIfNull(engine);
        (Engine, _options, _context) = (engine, options, context);
        Report = new FeedReport(engine.Name, context.Keeper, context.Register, context.Log, context.Time);
        var entry = context.Register.Find(engine.Name);
        _state = (int)(entry?.State ?? FeedState.Running);

        // Until the engine says where it stands, the log keeps what it may need.
        if (State != FeedState.Detached) context.Keeper.Hold(engine.Name, entry?.Position ?? context.Log.OldestLsn - 1);
    }

    public IFedEngine Engine { get; }

    public FeedReport Report { get; }

    public DeadLetters Letters => _context.Letters;

    public FeedOptions Options => _options;

    /// <summary>The least position that a rewind can go back to.</summary>
    public long OldestPosition => _context.Log.OldestLsn - 1;

    public FeedState State => (FeedState)_state;

    /// <summary>Works until cancelled; faults of the engine are retried for ever.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var attempt = 0;
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                await ObeyAsync(cancellation);
                using var turn = BeginTurn(cancellation);
                try
                {
                    await WorkAsync(turn.Token);
                    attempt = 0;
                }
                catch (Exception) when (turn.IsCancellationRequested)
                {
                    attempt = 0; // An order waits, or the daemon stops: drivers have exceptions of their own for that.
                }
                catch (Exception error)
                {
                    Report.OnFailed(error);
                    attempt++;
                    await Task.Delay(RetryPause.Of(attempt, _options.RetryPause, _options.RetryPauseMax), _context.Time, turn.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // As asked.
        }
        finally
        {
            End();
        }
    }

    /// <summary>Stops writing; the log is kept. Completes when it is so and will be after a restart.</summary>
    public Task PauseAsync() => OrderAsync(_ => Set(FeedState.Paused, PositionNow()));

    /// <summary>Goes on after a pause, or after the engine was detached, if the log still holds what it needs.</summary>
    public Task ResumeAsync() => OrderAsync(_ => Set(FeedState.Running, PositionNow()));

    /// <summary>Lets the engine go: the log is not kept for it any more.</summary>
    public Task DetachAsync() => OrderAsync(_ => Set(FeedState.Detached, PositionNow()));

    /// <summary>Fills the engine from the lake, then goes on from where the lake stood.</summary>
    public Task RebuildAsync() => OrderAsync(_ => Set(FeedState.Rebuilding, PositionNow()));

    /// <summary>Writes again from a position on. Throws <see cref="EngineException"/> when the log does not hold it.</summary>
    public Task RewindAsync(long lsn) => OrderAsync(async cancellation =>
    {
        var (oldest, newest) = (_context.Log.OldestLsn - 1, _context.Log.DurableLsn);
        if (lsn < oldest || lsn > newest) throw new EngineException($"the log holds the positions {oldest} to {newest}, not {lsn}; what is older comes with a rebuild", isTransient: false);
        await Engine.OpenAsync(cancellation);
        _context.Keeper.Hold(Engine.Name, Math.Min(lsn, Engine.Position));
        await Engine.MoveToAsync(lsn, cancellation);
        await Set(FeedState.Running, lsn);
    });

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private long PositionNow() => Engine.Position > 0 ? Engine.Position : _context.Register.Find(Engine.Name)?.Position ?? 0;

    private Task WorkAsync(CancellationToken turn) => State switch
    {
        FeedState.Running => FeedAsync(turn),
        FeedState.Rebuilding => RebuildAsync(turn),
        FeedState.Paused => IdleAsync("paused by a person; the log is kept for it until 'datalayer engine resume'", EngineState.Degraded, turn),
        _ => IdleAsync("detached, because the log was full: it gets nothing until 'datalayer engine rebuild', or 'resume' if the log still holds what it needs", EngineState.Failed, turn),
    };

    private async Task FeedAsync(CancellationToken turn)
    {
        await Engine.OpenAsync(turn);
        if (!await HasItsPlaceAsync(turn)) return;
        _context.Keeper.Hold(Engine.Name, Engine.Position);
        _context.Register.Put(Engine.Name, new FeedEntry(FeedState.Running, Engine.Position));
        Report.SayHealthy();
        using var run = new FeedRun(Engine, _options, _context, Report);
        await run.RunAsync(turn);
    }

    /// <summary>Whether the log holds what follows the engine's position. False: the state was changed to see to it.</summary>
    private async Task<bool> HasItsPlaceAsync(CancellationToken turn)
    {
        var (position, oldest, newest) = (Engine.Position, _context.Log.OldestLsn, _context.Log.DurableLsn);
        if (position > newest)
        {
            throw new EngineException(
                $"it stands at LSN {position}, but this log ends at {newest}: the data folder is older than the database, as after a restore. 'datalayer engine rewind {Engine.Name} --to {newest}' goes on from here", isTransient: false);
        }

        if (position >= oldest - 1) return true;
        if (position > 0) throw new EngineException($"it stands at LSN {position}, and the log begins at {oldest}: 'datalayer engine rebuild {Engine.Name}' fills the gap from the lake", isTransient: false);
        if (_options.Backfills)
        {
            await Set(FeedState.Rebuilding, oldest - 1);
            return false;
        }

        await Engine.MoveToAsync(oldest - 1, turn);
        return true;
    }

    private async Task RebuildAsync(CancellationToken turn)
    {
        Report.Say(EngineState.Degraded, $"{Engine.Name}: is being rebuilt from the lake");
        await Engine.OpenAsync(turn);

        using var lake = HeldLake();
        _context.Register.Put(Engine.Name, new FeedEntry(FeedState.Rebuilding, lake.Position));
        try
        {
            await new EngineRebuild(Engine, _options, _context, Report).RunAsync(lake, turn);
        }
        finally
        {
            Report.Do("");
        }

        await Engine.MoveToAsync(lake.Position, turn);
        await Set(FeedState.Running, lake.Position);
    }

    /// <summary>A view of the lake, and the log held from there on: taken again when the log was released beyond it meanwhile.</summary>
    private Lake.LakeSnapshot HeldLake()
    {
        while (true)
        {
            var lake = _context.Lake();
            _context.Keeper.Hold(Engine.Name, lake.Position);
            if (_context.Log.OldestLsn - 1 <= lake.Position) return lake;
            lake.Dispose();
        }
    }

    private async Task IdleAsync(string why, EngineState state, CancellationToken turn)
    {
        Report.Say(state, $"{Engine.Name}: {why}");
        await Task.Delay(Timeout.InfiniteTimeSpan, _context.Time, turn);
    }

    private Task Set(FeedState state, long position)
    {
        if (state == FeedState.Detached) _context.Keeper.Drop(Engine.Name);
        else _context.Keeper.Hold(Engine.Name, position);
        _context.Register.Put(Engine.Name, new FeedEntry(state, position));
        _state = (int)state;
        return Task.CompletedTask;
    }

    private Task OrderAsync(Func<CancellationToken, Task> run)
    {
        var order = new FeedOrder(run, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_ended) throw new EngineException($"{Engine.Name} is not fed any more", isTransient: false);
            _orders.Enqueue(order);
            _turn?.Cancel();
        }

        return order.Done.Task;
    }

    private async Task ObeyAsync(CancellationToken cancellation)
    {
        while (Next() is { } order)
        {
            try
            {
                await order.Run(cancellation);
                order.Done.SetResult();
            }
            catch (Exception error)
            {
                order.Done.SetException(error); // Whoever gave it is told.
            }
        }
    }

    private FeedOrder? Next()
    {
        lock (_lock) return _orders.TryDequeue(out var order) ? order : null;
    }

    private CancellationTokenSource BeginTurn(CancellationToken cancellation)
    {
        var turn = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        lock (_lock)
        {
            _turn = turn;
            if (_orders.Count > 0) turn.Cancel();
        }

        return turn;
    }

    private void End()
    {
        lock (_lock)
        {
            _ended = true;
            _turn = null;
            while (_orders.TryDequeue(out var order)) order.Done.SetCanceled();
        }
    }
}
