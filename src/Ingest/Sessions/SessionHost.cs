using DataLayer.Ingest.Agents;

namespace DataLayer.Ingest.Sessions;

/// <summary>What all sessions of a daemon share: the pipeline, the agents, limits, budgets, counters. Owned by the daemon. Thread: any.</summary>
public sealed class SessionHost
{
    private static readonly TokenCheck AllowAll = static (_, _) => true;

    private readonly Lock _lock = new();

    // Guarded by: _lock.
    private readonly HashSet<Session> _live = [];
    private readonly IngestCounters _ended = new();

    /// <param name="seriesPerAgentMax">Series that one agent (or one connection without a name) may add; past it: error 6.</param>
    /// <param name="tokenCheck">Null: every agent and token is allowed.</param>
    public SessionHost(
        IRecordSink sink, AgentTable agents, SessionOptions? options = null, int seriesPerAgentMax = 1_000_000, TimeProvider? time = null, TokenCheck? tokenCheck = null)
    {
        Sink = sink;
        Agents = agents;
        Options = options ?? new SessionOptions();
        SeriesPerAgentMax = seriesPerAgentMax;
        Time = time ?? TimeProvider.System;
        TokenCheck = tokenCheck ?? AllowAll;
        Schemas = new MemoryBudget(Options.MaxSchemas);
        SchemaBytes = new MemoryBudget(Options.MaxSchemaBytes);
        GatheredBytes = new MemoryBudget(Options.MaxGatheredBytes);
        PointCacheBytes = new MemoryBudget(Options.MaxPointCacheBytes);
    }

    public IRecordSink Sink { get; }

    public AgentTable Agents { get; }

    public SessionOptions Options { get; }

    public int SeriesPerAgentMax { get; }

    public TimeProvider Time { get; }

    public TokenCheck TokenCheck { get; }

    /// <summary>Schemas declared by live sessions.</summary>
    public MemoryBudget Schemas { get; }

    public MemoryBudget SchemaBytes { get; }

    /// <summary>Unfinished messages of live sessions.</summary>
    public MemoryBudget GatheredBytes { get; }

    public MemoryBudget PointCacheBytes { get; }

    public int LiveSessions
    {
        get
        {
            lock (_lock) return _live.Count;
        }
    }

    /// <summary>The sum over all sessions, ended and live. Exact when they are idle; otherwise each number is one that was true a moment ago.</summary>
    public IngestCounters Total()
    {
        var total = new IngestCounters();
        lock (_lock)
        {
            total.Add(_ended);
            foreach (var session in _live) total.Add(session.Counters);
        }

        return total;
    }

    internal long NowMicros() => (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    internal void Add(Session session)
    {
        lock (_lock) _live.Add(session);
    }

    internal void Remove(Session session)
    {
        lock (_lock)
        {
            if (_live.Remove(session)) _ended.Add(session.Counters);
        }
    }
}
