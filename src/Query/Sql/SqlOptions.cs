using System.ComponentModel.DataAnnotations;

namespace DataLayer.Query.Sql;

/// <summary>Limits of SQL queries.</summary>
public sealed class SqlOptions
{
    /// <summary>A statement that runs longer is interrupted. Default 30 s: a person waits no longer; raise it for reports.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes DuckDB may use for all statements together, its series table included. Default 512 MiB. Too little: statements fail with TooMuch.</summary>
    [Range(64L << 20, 1L << 40)]
    public long MemoryLimitBytes { get; set; } = 512L << 20;

    /// <summary>Rows of an answer; more are cut and the answer says so. Default 100,000.</summary>
    [Range(1, int.MaxValue)]
    public int RowLimit { get; set; } = 100_000;

    /// <summary>Statements that run at the same time, each on one thread of low priority. Default 2.</summary>
    [Range(1, 64)]
    public int ConcurrencyMax { get; set; } = 2;

    /// <summary>Statements that may wait for a turn; one more is refused with Unavailable. Default 32.</summary>
    [Range(0, 10_000)]
    public int QueueMax { get; set; } = 32;
}
