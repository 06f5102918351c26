using System.ComponentModel.DataAnnotations;

namespace DataLayer.Query;

/// <summary>Limits of samples and series queries. SQL has its own.</summary>
public sealed class QueryOptions
{
    /// <summary>A query that runs longer is ended. Default 30 s, like SQL's.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Rows that a caller may ask for with <c>limit</c>. Default 1,000,000: about 30 MB of JSON.</summary>
    [Range(1, int.MaxValue)]
    public int RowLimitMax { get; set; } = 1_000_000;

    /// <summary>Queries over ranges that run at the same time; others wait within their time limit. Default 2, so that ingest keeps its cores. Last values never wait.</summary>
    [Range(1, 1024)]
    public int ConcurrencyMax { get; set; } = 2;

    /// <summary>
    /// Threads that samples queries compute on, all queries together; each has one in any case, and more only where they are free. Default 0: as many as there are
    /// processors. 1: each query has one alone. Each thread may hold about 100 MB of what it reads.
    /// </summary>
    [Range(0, 1024)]
    public int ThreadsMax { get; set; }
}
