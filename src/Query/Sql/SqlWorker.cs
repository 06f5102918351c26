using DataLayer.Engines;
using DataLayer.Engines.Lake;
using DataLayer.Ingest;
using DataLayer.Query.Answers;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace DataLayer.Query.Sql;

/// <summary>Runs statements one after the other on a connection of its own. Owned by one thread, of low priority: ingest comes first.</summary>
internal sealed class SqlWorker(IngestPipeline pipeline, IEngine engine, Func<IEngineSnapshot, string> lakeViews, Func<SqlDatabase> database, Action<SqlDatabase> discard, SqlOptions options)
    : IDisposable
{
    private static readonly TimeSpan InterruptEvery = TimeSpan.FromMilliseconds(20);

    private SqlDatabase? _database;
    private DuckDBConnection? _connection;

    /// <summary>Runs a statement and completes its request. Never throws.</summary>
    public void Run(SqlRequest request)
    {
        try
        {
            request.Limit.ThrowIfCancellationRequested();
            var connection = Connect();
            using (InterruptOn(connection, request.Limit)) Answer(connection, request);
            request.Done.SetResult();
        }
        catch (Exception e)
        {
            if (e is DuckDBException { ErrorType: DuckDBErrorType.Fatal or DuckDBErrorType.Internal } && _database is not null) discard(_database);
            request.Done.SetException(Translate(e, request));
        }
    }

    public void Dispose() => Disconnect();

    private void Answer(DuckDBConnection connection, SqlRequest request)
    {
        var statement = SqlGuard.Check(connection, request.Sql);

        // In this order each sample appears once: see QueryService. The series come last, so that all that the hot view may show are known.
        var hot = pipeline.AcquireHot();
        IEngineSnapshot? stored = null;
        try
        {
            stored = engine.Snapshot();
            hot.DropUpTo(stored.Position);
        }
        catch
        {
            hot.Dispose();
            stored?.Dispose();
            throw;
        }

        using var view = new SqlView(hot, stored, request.Limit);
        var number = _database!.Add(view);
        try
        {
            _database.LoadSeries(connection);
            if (statement.UsesSamples || statement.UsesRollups) SqlDatabase.Execute(connection, lakeViews(stored));
            if (statement.UsesEvents) SqlDatabase.Execute(connection, LakeViews.EventsSql((LakeSnapshot)stored));
            SqlDatabase.DefineViews(connection, statement, view, number);
            var buffer = new AnswerBuffer(request.Output);
            SqlAnswerWriter.Create(request.Format).Write(connection, statement, options.RowLimit, buffer, request.Limit);
            buffer.FlushAsync(request.Limit).AsTask().GetAwaiter().GetResult();
        }
        catch (DuckDBException error) when (stored is LakeSnapshot lake && lake.Examine(error.Message))
        {
            throw new QueryException(QueryErrorKind.Unavailable, $"{error.Message}. The file is damaged; it has been moved aside, and the rest is served: ask again", error);
        }
        finally
        {
            _database.Remove(number);
        }
    }

    private DuckDBConnection Connect()
    {
        var current = database();
        if (_connection is not null && ReferenceEquals(current, _database)) return _connection;
        Disconnect();
        _database = current;
        return _connection = current.Connect();
    }

    private void Disconnect()
    {
        _connection?.Dispose();
        _connection = null;
    }

    /// <summary>
    /// Interrupts the connection once the token is cancelled, and again until this is disposed: DuckDB forgets an interrupt that comes just before a statement starts.
    /// </summary>
    private static Interrupter InterruptOn(DuckDBConnection connection, CancellationToken cancellation) => new(connection, cancellation);

    private QueryException Translate(Exception e, SqlRequest request)
    {
        if (request.Caller.IsCancellationRequested) return new QueryException(QueryErrorKind.Cancelled, "the statement was cancelled", e);
        if (request.Limit.IsCancellationRequested) return new QueryException(QueryErrorKind.Timeout, $"the statement took longer than {options.TimeLimit.TotalSeconds:0.###} s; ask for less", e);
        return e switch
        {
            QueryException known => known,
            EngineException => new QueryException(QueryErrorKind.Unavailable, e.Message, e),
            DuckDBException { ErrorType: DuckDBErrorType.OutOfMemory } =>
                new QueryException(QueryErrorKind.TooMuch, $"the statement needs more memory than its limit of {options.MemoryLimitBytes >> 20} MiB; ask for less, or aggregate in steps", e),
            DuckDBException { ErrorType: DuckDBErrorType.Fatal or DuckDBErrorType.Internal or DuckDBErrorType.Io } => new QueryException(QueryErrorKind.Unavailable, e.Message, e),
            DuckDBException => QueryException.BadRequest(e.Message),
            _ => new QueryException(QueryErrorKind.Unavailable, "the statement failed: " + e.Message, e),
        };
    }

    private sealed class Interrupter : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly Timer _timer;
        private readonly CancellationTokenRegistration _registration;
        private bool _isDone;

        public Interrupter(DuckDBConnection connection, CancellationToken cancellation)
        {
            _timer = new Timer(_ => Interrupt(connection), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _registration = cancellation.Register(() => _timer.Change(TimeSpan.Zero, InterruptEvery));
        }

        public void Dispose()
        {
            lock (_lock) _isDone = true;
            _registration.Dispose();
            _timer.Dispose();
        }

        private void Interrupt(DuckDBConnection connection)
        {
            lock (_lock)
            {
                if (!_isDone) connection.NativeConnection.Interrupt();
            }
        }
    }
}
