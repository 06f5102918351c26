using System.Net.Sockets;
using Npgsql;

namespace DataLayer.Engines.Postgres;

/// <summary>What the driver throws, as an <see cref="EngineException"/> that says where, what and what to do. Never with a password: the driver's texts have none, and the connection string is not shown.</summary>
internal sealed class PostgresFaults(string where, string database, string user, TimeSpan timeout)
{
    /// <summary>Host, port and database, for people.</summary>
    public string Where => where;

    public static bool IsDuplicate(Exception fault) => fault is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    /// <param name="task">What was being done: "write", "open".</param>
    /// <param name="isContent">Whether samples were being sent, so that a refusal may be about them.</param>
    public EngineException Of(Exception fault, string task, bool isContent = false) => fault switch
    {
        EngineException known => known,
        PostgresException refused when isContent && IsContent(refused.SqlState) =>
            new RefusedSamplesException($"{where} refuses samples: {Text(refused)}.", refused),
        PostgresException refused => new EngineException($"{where}, {task}: {Explain(refused)}", IsTransient(refused.SqlState), refused),
        OperationCanceledException or TimeoutException or NpgsqlException { InnerException: TimeoutException } =>
            new EngineException($"{where}, {task}: no answer within {timeout.TotalSeconds:0.#} s. It is tried again.", isTransient: true, fault),
        NpgsqlException or IOException or SocketException or ObjectDisposedException or InvalidOperationException =>
            new EngineException($"{where}, {task}: {Chain(fault)} It is tried again.", isTransient: true, fault),
        _ => new EngineException($"{where}, {task}: {Chain(fault)}", isTransient: false, fault),
    };

    // 22: data, 23: constraints. But for a row without a partition: somebody dropped that, and it is made again.
    private static bool IsContent(string state) => state is ['2', '2' or '3', ..] && state != PostgresErrorCodes.CheckViolation;

    // Classes of SQLSTATE: 08 connection, 28 credentials (they may be set right without us), 40 rolled back, 42501 rights, 3D000 no such database, 53 resources, 55 locks, 57 operator, 58 the system below; 25006: a standby.
    private static bool IsTransient(string state) => state[..2] is "08" or "28" or "3D" or "40" or "53" or "55" or "57" or "58" || state is "25006" or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.CheckViolation;

    private string Explain(PostgresException refused) => refused.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"it does not let '{user}' in ({Text(refused)}): the credentials are wrong or have changed, or pg_hba.conf has no line for it. It is tried again.",
        PostgresErrorCodes.InvalidCatalogName => $"there is no database '{database}': CREATE DATABASE {Quote(database)} OWNER {Quote(user)}. It is tried again.",
        PostgresErrorCodes.InsufficientPrivilege => $"'{user}' lacks a right: {Text(refused)}. {Right(refused)} It is tried again.",
        "25006" => $"it takes no writes ({Text(refused)}): a standby? Name all hosts (Host=a,b), the primary is looked for. It is tried again.",
        PostgresErrorCodes.DiskFull => $"its disk is full ({Text(refused)}). It is tried again.",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedFunction =>
            $"the schema datalayer is not as this program made it ({Text(refused)}): restore what was dropped or renamed.",
        _ => $"{Text(refused)}.{(IsTransient(refused.SqlState) ? " It is tried again." : string.Empty)}",
    };

    private string Right(PostgresException refused) => refused.MessageText.Contains("for database", StringComparison.Ordinal)
        ? $"Either CREATE SCHEMA datalayer AUTHORIZATION {Quote(user)}, or GRANT CREATE, TEMPORARY ON DATABASE {Quote(database)} TO {Quote(user)}."
        : $"It is to own the schema datalayer and all in it: ALTER SCHEMA datalayer OWNER TO {Quote(user)}, and so for its tables and views, or GRANT INSERT, SELECT, UPDATE, DELETE on its tables.";

    private static string Text(PostgresException refused) => $"{refused.MessageText.TrimEnd('.')}, SQLSTATE {refused.SqlState}";

    private static string Chain(Exception fault) =>
        fault.InnerException is { } inner && inner is not PostgresException ? $"{fault.Message.TrimEnd('.')}: {inner.Message.TrimEnd('.')}." : $"{fault.Message.TrimEnd('.')}.";

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
