using System.Data;
using Npgsql;

namespace DataLayer.Engines.Postgres;

/// <summary>One connection of a snapshot: a read-only transaction that sees what the snapshot sees. Used by one thread at a time.</summary>
internal sealed class PostgresSession : IDisposable
{
    private const string Savepoint = "SAVEPOINT datalayer";

    private readonly PostgresLease _lease;
    private readonly NpgsqlTransaction _transaction;

    /// <param name="exported">The snapshot to see; null: a new one.</param>
    public PostgresSession(PostgresLease lease, string? exported)
    {
        _lease = lease;
        try
        {
            _transaction = lease.Connection.BeginTransaction(IsolationLevel.RepeatableRead);
            Execute(exported is null ? "SET TRANSACTION READ ONLY" : $"SET TRANSACTION READ ONLY; SET TRANSACTION SNAPSHOT '{exported}'");
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    public NpgsqlConnection Connection => _lease.Connection;

    /// <summary>A query may be given up, and so may end the transaction's good state: this is where it goes back to.</summary>
    public void Save() => Execute(Savepoint);

    /// <summary>After a fault or an end before the last row.</summary>
    public void GoBack() => Execute("ROLLBACK TO datalayer");

    public void Dispose()
    {
        try
        {
            _transaction.Dispose();
        }
        catch (Exception gone) when (gone is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            // The connection has ended, and the transaction with it.
        }
        finally
        {
            _lease.Dispose();
        }
    }

    private void Execute(string sql)
    {
        using var command = new NpgsqlCommand(sql, Connection);
        command.ExecuteNonQuery();
    }
}
