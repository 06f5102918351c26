using Npgsql;
using NpgsqlTypes;

namespace DataLayer.Engines.Postgres;

/// <summary>The rows of one query. Disposed before its end it stops the server's work; the session stays good. Owned by one thread.</summary>
internal sealed class PostgresRowReader : IDisposable
{
    private readonly PostgresSession _session;
    private readonly PostgresFaults _faults;
    private readonly Action _onReturn;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private readonly NpgsqlCommand _command;
    private readonly NpgsqlDataReader? _reader;
    private bool _isAtEnd;
    private bool _isBroken;

    public PostgresRowReader(PostgresSession session, PostgresFaults faults, Action onReturn, string sql, long[] series, long start, long end, CancellationToken cancellation)
    {
        (_session, _faults, _onReturn, _cancellation) = (session, faults, onReturn, cancellation);
        _command = new NpgsqlCommand(sql, session.Connection);
        _command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = series, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        _command.Parameters.Add(PostgresQueries.Time(start));
        _command.Parameters.Add(PostgresQueries.Time(end));
        try
        {
            cancellation.ThrowIfCancellationRequested();
            session.Save();
            _registration = cancellation.Register(_command.Cancel);
            _reader = _command.ExecuteReader();
        }
        catch (Exception fault)
        {
            _isBroken = true;
            Dispose();
            throw Explain(fault);
        }
    }

    public NpgsqlDataReader Row => _reader!;

    public bool Read()
    {
        try
        {
            _isAtEnd = !_reader!.Read();
            return !_isAtEnd;
        }
        catch (Exception fault)
        {
            _isBroken = true;
            throw Explain(fault);
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        try
        {
            if (!_isAtEnd && !_isBroken) _command.Cancel();
            _reader?.Dispose();
        }
        catch (Exception ended) when (ended is NpgsqlException or InvalidOperationException)
        {
            // As it was asked to.
        }

        try
        {
            if (!_isAtEnd) _session.GoBack();
        }
        catch (Exception gone) when (gone is NpgsqlException or InvalidOperationException)
        {
            // The connection has ended; who uses the session next is told.
        }

        _command.Dispose();
        _onReturn();
    }

    private Exception Explain(Exception fault) =>
        _cancellation.IsCancellationRequested ? new OperationCanceledException("The reader was cancelled.", fault, _cancellation) : _faults.Of(fault, "read");
}
