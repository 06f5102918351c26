using System.IO.Pipelines;
using DataLayer.Engines;
using DataLayer.Engines.Events;
using DataLayer.Ingest;
using DataLayer.Query.Answers;
using DataLayer.Query.Events;
using DataLayer.Query.Samples;
using DataLayer.Query.SeriesList;

namespace DataLayer.Query;

/// <summary>
/// Answers queries for samples, last values and series over the hot store and the engine: everything acked, once each.
/// One per daemon; any thread. Each method writes the whole answer to the pipe and flushes it (it does not complete the pipe), or throws
/// <see cref="QueryException"/>; nothing has been written then, unless the answer was over 64 KiB and had begun.
/// </summary>
/// <param name="lake">What the hot store is flushed to.</param>
/// <param name="others">The engines beside it; null: none.</param>
public sealed class QueryService(IngestPipeline pipeline, IEngine lake, QueryOptions? options = null, TimeProvider? time = null, IEngineDirectory? others = null) : IDisposable
{
    private readonly QueryOptions _options = options ?? new QueryOptions();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly SemaphoreSlim _turns = new((options ?? new QueryOptions()).ConcurrencyMax);
    private readonly QueryThreads _threads = new(options is { ThreadsMax: > 0 } ? options.ThreadsMax : Environment.ProcessorCount);

    /// <summary>Threads that samples queries compute on now.</summary>
    internal int ThreadsUsed => _threads.Used;

    public Task SamplesAsync(SamplesQuery query, ResultFormat format, PipeWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.EndMicros <= query.StartMicros) throw QueryException.BadRequest("end: it must be after start");
        if (query.StepMicros is <= 0) throw QueryException.BadRequest("step: it must be positive");
        CheckGroups(query);
        CheckLimit(query.Limit);
        return GuardAsync(true, async token =>
        {
            var series = pipeline.Registry.Select(query.Name, query.Labels);

            // In this order each sample appears once: what a flush moves after the first line is in both views, and the third takes it out of the hot one.
            using var hot = pipeline.AcquireHot();
            using var stored = Stored(query);
            hot.DropUpTo(query.Engine is null ? stored.Position : long.MaxValue);
            await new SamplesExecutor(query, pipeline.Registry, hot, stored, EngineOf(query.Engine).Capabilities.HasFlag(EngineCapabilities.Rollups), _threads).RunAsync(series, format, new AnswerBuffer(output), token).ConfigureAwait(false);
        }, cancellation);
    }

    /// <summary>Not queued: it reads memory, and the engine only for series that got nothing since the start.</summary>
    public Task LatestAsync(LatestQuery query, ResultFormat format, PipeWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        CheckLimit(query.Limit);
        return GuardAsync(false, async token =>
        {
            var series = pipeline.Registry.Select(query.Name, query.Labels);
            using var hot = pipeline.AcquireHot();
            if (query.Engine is not null) hot.DropUpTo(long.MaxValue);
            using var executor = new LatestExecutor(pipeline.Registry, hot, EngineOf(query.Engine), new AnswerBuffer(output));
            await executor.RunAsync(series, query.Limit, format, token).ConfigureAwait(false);
        }, cancellation);
    }

    public Task SeriesAsync(SeriesQuery query, ResultFormat format, PipeWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        CheckLimit(query.Limit);
        return GuardAsync(true, token =>
        {
            var series = pipeline.Registry.Select(query.Name, query.Labels);
            return new SeriesExecutor(pipeline.Registry, new AnswerBuffer(output)).ListAsync(series, query.Limit, format, token);
        }, cancellation);
    }

    public Task CardinalityAsync(SeriesQuery query, ResultFormat format, PipeWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        CheckLimit(query.Limit);
        return GuardAsync(true, token =>
        {
            var series = pipeline.Registry.Select(query.Name, query.Labels);
            return new SeriesExecutor(pipeline.Registry, new AnswerBuffer(output)).CardinalityAsync(series, query.Limit, format, token);
        }, cancellation);
    }

    /// <summary>Events that match, each id once, as its latest arrival says: from memory and the lake, or from the one engine that is asked for.</summary>
    public Task EventsAsync(EventQuery query, string? engine, PipeWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.EndMicros <= query.StartMicros) throw QueryException.BadRequest("end: it must be after start");
        if (query.Within is { Count: < 3 }) throw QueryException.BadRequest("within: a polygon has three corners at least");
        CheckLimit(query.Limit);
        return GuardAsync(true, async token =>
        {
            // One more than asked for tells whether there is more.
            var asked = query with { Limit = query.Limit + 1 };
            var found = engine is null ? FindEvents(asked, token) : await EventsOf(engine).QueryEventsAsync(asked, token).ConfigureAwait(false);
            await JsonEventsWriter.WriteAsync([.. found.Take(query.Limit)], found.Count > query.Limit, new AnswerBuffer(output), token).ConfigureAwait(false);
        }, cancellation);
    }

    public void Dispose() => _turns.Dispose();

    private IReadOnlyList<FoundEvent> FindEvents(EventQuery query, CancellationToken cancellation)
    {
        // In this order each event appears once, as in SamplesAsync.
        using var hot = pipeline.AcquireHot();
        using var stored = lake.Snapshot();
        hot.DropUpTo(stored.Position);
        var scan = new HotEventScan(hot, cancellation);
        var found = scan.Read(query, cancellation);
        if (stored is IEventSnapshot events) found.AddRange(events.ReadEvents(query, scan.Has, cancellation));
        return [.. found.OrderBy(EventRank.Of).Take(query.Limit)];
    }

    private IEventReader EventsOf(string engine) => EngineOf(engine) as IEventReader ?? throw QueryException.BadRequest($"engine: '{engine}' holds no events");

    /// <summary>The lake, with an engine that keeps more history where the lake's retention has removed what is asked for; or the one engine that is asked for.</summary>
    private IEngineSnapshot Stored(SamplesQuery query)
    {
        if (query.Engine is not null) return EngineOf(query.Engine).Snapshot();
        var stored = lake.Snapshot();
        if (query.StartMicros >= stored.RawFromMicros || others?.History is not { } history) return stored;
        try
        {
            return new HistorySnapshot(stored, history.Snapshot());
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    private IEngine EngineOf(string? name)
    {
        if (name is null || name == lake.Name) return lake;
        return others?.Find(name) ?? throw QueryException.BadRequest($"engine: there is no '{name}' that answers; there are: {string.Join(", ", (others?.Names ?? []).Prepend(lake.Name))}");
    }

    private static void CheckGroups(SamplesQuery query)
    {
        if (query.By is not null && query.Name is null) throw QueryException.BadRequest("by: it needs a name, the metric's");
        if (query.By is not null && query.Aggregation is not { IsPoolable: true }) throw QueryException.BadRequest("by: it needs agg, one of avg, sum, min, max, count");
        if (query.Top is null) return;
        if (query.Top < 1) throw QueryException.BadRequest("top: it must be positive");
        if (query.StepMicros is not null) throw QueryException.BadRequest("top: it ranks by one value for the whole range; leave step out");
        if (query.Aggregation is not { IsDerivable: true }) throw QueryException.BadRequest("top: it needs agg, one of avg, sum, min, max, count, first, last");
    }

    private void CheckLimit(int limit)
    {
        if (limit < 1 || limit > _options.RowLimitMax) throw QueryException.BadRequest($"limit: it must be from 1 to {_options.RowLimitMax}");
    }

    /// <summary>Runs a query within its limits, and turns what it may throw into <see cref="QueryException"/>.</summary>
    private async Task GuardAsync(bool takesTurn, Func<CancellationToken, Task> run, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_options.TimeLimit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var hasTurn = false;
        try
        {
            if (takesTurn)
            {
                await _turns.WaitAsync(linked.Token).ConfigureAwait(false);
                hasTurn = true;
            }

            await run(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
        {
            throw new QueryException(QueryErrorKind.Cancelled, "the query was cancelled", e);
        }
        catch (OperationCanceledException e)
        {
            throw new QueryException(
                QueryErrorKind.Timeout, $"the query took longer than {_options.TimeLimit.TotalSeconds:0.###} s; ask for a shorter range, fewer series or a greater step", e);
        }
        catch (EngineException e)
        {
            throw new QueryException(QueryErrorKind.Unavailable, e.Message, e);
        }
        finally
        {
            if (hasTurn) _turns.Release();
        }
    }
}
