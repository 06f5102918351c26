using System.Collections.Concurrent;
using System.IO.Pipelines;
using DataLayer.Engines;
using DataLayer.Engines.Lake;
using DataLayer.Ingest;

namespace DataLayer.Query.Sql;

/// <summary>
/// Runs read-only SQL statements over the views samples, series, rollup_1m, rollup_1h and events: hot store and lake as one.
/// One per daemon; any thread. The answer goes to the pipe and is flushed (the pipe is not completed); errors are <see cref="QueryException"/>,
/// and nothing has been written then, unless the answer was over 64 KiB and had begun.
/// </summary>
public sealed class SqlService : IAsyncDisposable
{
    // DuckDB parses and binds by recursion; its own limit of 1,000 nested expressions is made for 8 MiB.
    private const int StackBytes = 16 << 20;

    private readonly SqlOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<SqlDatabase> _open;
    private readonly BlockingCollection<SqlRequest> _queue = [];
    private readonly Thread[] _threads;
    private readonly Lock _databaseLock = new();
    private int _waiting;

    // Guarded by: _databaseLock.
    private SqlDatabase? _database;
    private bool _isDisposed;

    /// <param name="lake">Opened already.</param>
    public SqlService(IngestPipeline pipeline, LakeEngine lake, SqlOptions? options = null, TimeProvider? time = null)
        : this(pipeline, lake, lake.Directory, stored => LakeViews.Sql((LakeSnapshot)stored), options ?? new SqlOptions(), time ?? TimeProvider.System)
    {
    }

    private SqlService(IngestPipeline pipeline, IEngine engine, string lakeFolder, Func<IEngineSnapshot, string> lakeViews, SqlOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _open = () => new SqlDatabase(lakeFolder, pipeline.Registry, options);
        _threads = new Thread[options.ConcurrencyMax];
        for (var i = 0; i < _threads.Length; i++)
        {
            var worker = new SqlWorker(pipeline, engine, lakeViews, Database, Discard, options);
            _threads[i] = new Thread(() => Work(worker), StackBytes) { Name = $"sql {i}", IsBackground = true };
            _threads[i].Start();
        }
    }

    /// <summary>Statements that wait for a turn or run.</summary>
    public int Depth => Volatile.Read(ref _waiting);

    /// <summary>Runs one statement. Time in the queue counts into its time limit.</summary>
    public async Task ExecuteAsync(string sql, SqlFormat format, PipeWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(sql);
        using var limit = new CancellationTokenSource(_options.TimeLimit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var request = new SqlRequest(sql, format, output, cancellation, linked.Token);
        if (Interlocked.Increment(ref _waiting) > _options.QueueMax + _options.ConcurrencyMax)
        {
            Interlocked.Decrement(ref _waiting);
            throw new QueryException(QueryErrorKind.Unavailable, $"{_options.QueueMax} statements are waiting already; try again in a moment");
        }

        try
        {
            if (!TryQueue(request)) throw new QueryException(QueryErrorKind.Unavailable, "the server is stopping");

            // Also after a cancellation the worker's word is awaited: it may be writing into the caller's pipe.
            await request.Done.Task.ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Lets the statements that wait and run come to their end or limit.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_databaseLock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
        }

        _queue.CompleteAdding();
        await Task.Run(() => Array.ForEach(_threads, thread => thread.Join())).ConfigureAwait(false);
        _queue.Dispose();
        _database?.Dispose();
    }

    private bool TryQueue(SqlRequest request)
    {
        try
        {
            return _queue.TryAdd(request);
        }
        catch (InvalidOperationException)
        {
            return false; // Disposed meanwhile.
        }
    }

    private void Work(SqlWorker worker)
    {
        QuietThread.LowerPriority();
        foreach (var request in _queue.GetConsumingEnumerable())
        {
            worker.Run(request);
        }

        worker.Dispose();
    }

    /// <summary>The database, opened by the first statement: a daemon that gets none does without its 40 MB.</summary>
    private SqlDatabase Database()
    {
        lock (_databaseLock) return _database ??= _open();
    }

    /// <summary>After a fatal error DuckDB refuses everything: the next statement gets a new database. The old one goes when the last worker leaves it.</summary>
    private void Discard(SqlDatabase broken)
    {
        lock (_databaseLock)
        {
            if (ReferenceEquals(_database, broken)) _database = null;
        }
    }
}
