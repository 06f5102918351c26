using DataLayer.Daemon.Hosting;
using DataLayer.Daemon.Http;
using DataLayer.Daemon.Options;
using DataLayer.Daemon.Tcp;
using DataLayer.Ingest.Sessions;
using Prometheus;

namespace DataLayer.Daemon.Metrics;

/// <summary>
/// <c>/metrics</c>: the numbers of all stages, read when somebody scrapes; between scrapes they cost nothing.
/// Label values are members of enums and names of queues, never data of peers.
/// </summary>
internal sealed class DaemonMetrics : IDisposable
{
    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly MetricFactory _factory;
    private readonly List<Action> _reads = [];
    private readonly GcPauses _pauses = new();

    public DaemonMetrics(DaemonNode node, DaemonOptions options, ConnectionTable connections, TailRoute tails, BlockMemoryPool pool)
    {
        _factory = Prometheus.Metrics.WithCustomRegistry(_registry);
        DotNetStats.Register(_registry);
        AddRuntime();
        Gauge("datalayer_daemon_ready", "1 when data are taken and queries answered.", () => node.NotReady is null ? 1 : 0, always: true, node);
        Gauge("datalayer_daemon_uptime_seconds", "Seconds since the daemon started.", () => node.Uptime.TotalSeconds, always: true, node);
        AddConservation(node);
        AddEvents(node);
        AddSessions(node);
        AddQueues(node, options, tails);
        AddStorage(node);
        AddListeners(node, connections, pool);
        var engines = new EngineMetrics(_factory);
        _reads.Add(() =>
        {
            if (node.Ready.IsCompletedSuccessfully) engines.Read(node.Feeds.All);
        });
        _registry.AddBeforeCollectCallback(() => _reads.ForEach(read => read()));
    }

    /// <summary>OpenMetrics where the scraper asks for it, else the older Prometheus text.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var open = context.Request.Headers.Accept.ToString().Contains("openmetrics", StringComparison.OrdinalIgnoreCase);
        context.Response.ContentType = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8";
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, open ? ExpositionFormat.OpenMetricsText : ExpositionFormat.PrometheusText, context.RequestAborted);
        await context.Response.BodyWriter.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), context.RequestAborted);
    }

    public void Dispose() => _pauses.Dispose();

    private void AddRuntime()
    {
        Gauge("datalayer_process_heap_bytes", "Bytes of the managed heap after the last collection.", () => GC.GetGCMemoryInfo().HeapSizeBytes);
        Counter("datalayer_process_allocated_bytes_total", "Managed bytes allocated.", () => GC.GetTotalAllocatedBytes());
        Counter("datalayer_process_gc_pause_seconds_total", "Time that collections have stopped the threads.", () => GC.GetTotalPauseDuration().TotalSeconds);
        Gauge("datalayer_process_gc_pause_longest_seconds", "The longest time that a collection has stopped the threads.", () => _pauses.Longest.TotalSeconds);
        Gauge("datalayer_process_threadpool_threads", "Threads of the pool.", () => ThreadPool.ThreadCount);
        Gauge("datalayer_process_threadpool_queue_items", "Work waiting for a thread of the pool.", () => ThreadPool.PendingWorkItemCount);
    }

    private void AddConservation(DaemonNode node)
    {
        Counter("datalayer_ingest_samples_received_total", "Samples received.", () => node.Sessions.Total().Received, node);
        Counter("datalayer_ingest_samples_published_total", "Samples handed to the pipeline.", () => node.Pipeline.PublishedSamples, node);
        Counter("datalayer_ingest_samples_stored_total", "Samples on disk.", () => node.Pipeline.StoredSamples, node);
        Gauge("datalayer_ingest_samples_in_flight", "Samples published and not yet on disk.", () => Math.Max(0, Conservation.Of(node).InFlight), node: node);
        Counters<RejectReason>("datalayer_ingest_samples_rejected_total", "Samples refused.", "reason", () => node.Sessions.Total().Rejected, node);
        Counters<DropReason>("datalayer_ingest_samples_dropped_total", "Good samples let go.", "reason", () => node.Sessions.Total().Dropped, node);
    }

    private void AddEvents(DaemonNode node)
    {
        Counter("datalayer_ingest_events_received_total", "Events received.", () => node.Sessions.Total().EventsReceived, node);
        Counter("datalayer_ingest_events_stored_total", "Events on disk.", () => node.Pipeline.StoredEvents, node);
        Counters<RejectReason>("datalayer_ingest_events_rejected_total", "Events refused.", "reason", () => node.Sessions.Total().EventsRejected, node);
        Counters<DropReason>("datalayer_ingest_events_dropped_total", "Good events let go.", "reason", () => node.Sessions.Total().EventsDropped, node);
        Gauge("datalayer_hot_events", "Events in memory.", () => node.Pipeline.HotEvents.Events, node: node);
        Counter("datalayer_lake_events_written_total", "Events written to the lake.", () => node.Lake.EventsWritten, node);
    }

    private void AddSessions(DaemonNode node)
    {
        Counter("datalayer_ingest_received_bytes_total", "Bytes received from agents.", () => node.Sessions.Total().Bytes, node);
        Counters<MessageKind>("datalayer_ingest_messages_total", "Messages received, those in batches included.", "kind", () => node.Sessions.Total().Messages, node);
        Counters<RejectReason>("datalayer_ingest_batches_rejected_total", "Batches refused whole.", "reason", () => node.Sessions.Total().BatchesRejected, node);
        Counter("datalayer_ingest_batches_total", "Batches applied.", () => node.Sessions.Total().Batches, node);
        Counter("datalayer_ingest_batches_duplicate_total", "Batches sent again: acked, not applied.", () => node.Sessions.Total().DuplicateBatches, node);
        Counter("datalayer_ingest_fields_skipped_total", "Fields of points that are not numbers.", () => node.Sessions.Total().SkippedFields, node);
        Counter("datalayer_udp_datagrams_total", "Datagrams received.", () => node.Sessions.Total().Datagrams, node);
        Counter("datalayer_udp_datagrams_missing_total", "Datagrams missing by their sources' numbers.", () => node.Sessions.Total().DatagramsMissing, node);
        Counter("datalayer_udp_datagrams_duplicate_total", "Datagrams that came twice.", () => node.Sessions.Total().DatagramsDuplicate, node);
        Counter("datalayer_udp_datagrams_reordered_total", "Datagrams that came late.", () => node.Sessions.Total().DatagramsReordered, node);
        Counter("datalayer_udp_kernel_drops_total", "Datagrams that the kernel dropped because the socket's buffer was full.", () => node.Udp?.KernelDrops ?? 0, node);
        Gauge("datalayer_udp_receive_buffer_bytes", "The socket's receive buffer as the kernel gave it.", () => node.Udp?.ReceiveBufferBytes ?? 0, node: node);
    }

    private void AddQueues(DaemonNode node, DaemonOptions options, TailRoute tails)
    {
        Queue("ring", "records", () => node.Pipeline.RingFill.Depth, () => node.Pipeline.RingFill.Capacity, node);
        Queue("in_flight", "bytes", () => node.Pipeline.InFlightBytes, () => options.Hot.InFlightBytes, node);
        Queue("hot_store", "bytes", () => node.Pipeline.HotBytes, () => options.Hot.MaxBytes, node);
        Queue("log", "bytes", () => node.Pipeline.LogBytes, () => options.Log.MaxBytes, node);
        Queue("schemas", "bytes", () => node.Sessions.SchemaBytes.Used, () => node.Sessions.SchemaBytes.Limit, node);
        Queue("unfinished_messages", "bytes", () => node.Sessions.GatheredBytes.Used, () => node.Sessions.GatheredBytes.Limit, node);
        Queue("tails", "readers", () => tails.Open, () => options.Web.MaxTails, node);
        Counter("datalayer_tail_samples_dropped_total", "Samples that slow readers of live tails did not get.", () => tails.Dropped);
    }

    private void AddStorage(DaemonNode node)
    {
        Gauge("datalayer_log_durable_lsn", "The last record on disk.", () => node.Pipeline.DurableLsn, node: node);
        Gauge("datalayer_log_applied_lsn", "The last record that queries see.", () => node.Pipeline.AppliedLsn, node: node);
        Gauge("datalayer_log_failing", "1 when the log cannot be written.", () => node.Pipeline.LogFailure is null ? 0 : 1, node: node);
        Counter("datalayer_log_failures_total", "Commits that the storage refused and that were tried again.", () => node.Pipeline.LogFailures, node);
        Gauge("datalayer_hot_samples", "Samples in memory.", () => node.Pipeline.HotSamples, node: node);
        Gauge("datalayer_lake_position_lsn", "The last record that the lake holds.", () => node.Lake.Position, node: node);
        Gauge("datalayer_lake_lag_records", "Records on disk that the lake does not hold yet.", () => Math.Max(0, node.Pipeline.DurableLsn - node.Lake.Position), node: node);
        Gauge("datalayer_lake_files", "Files of the lake.", () => node.Lake.FileCount, node: node);
        Gauge("datalayer_lake_files_quarantined", "Damaged files of the lake that were moved aside.", () => node.Lake.Quarantined.Count, node: node);
        Gauge("datalayer_lake_bytes", "Bytes of the lake's files.", () => node.Lake.FileBytes, node: node);
        Gauge("datalayer_lake_cache_bytes", "Decoded columns that are kept for queries.", () => node.Lake.CacheBytes, node: node);
        Counter("datalayer_lake_cache_hits_total", "Columns that a query found decoded.", () => node.Lake.CacheHits, node);
        Counter("datalayer_lake_cache_misses_total", "Columns that a query had to read from a file.", () => node.Lake.CacheMisses, node);
        Counter("datalayer_lake_flushes_total", "Flushes from memory to the lake.", () => node.Flusher.Flushes, node);
        Counter("datalayer_lake_flush_failures_total", "Flushes that failed and were tried again.", () => node.Flusher.Failures, node);
        Gauge("datalayer_lake_flush_last_seconds", "How long the last flush took.", () => node.Flusher.LastDuration.TotalSeconds, node: node);
        Counter("datalayer_lake_samples_written_total", "Samples written to the lake.", () => node.Lake.SamplesWritten, node);
        Counter("datalayer_lake_merges_total", "Merges of the lake's files.", () => node.Maintenance.Merges, node);
        Counter("datalayer_lake_maintenance_failures_total", "Runs of merging and retention that failed and were tried again.", () => node.Maintenance.Failures, node);
        Gauge("datalayer_series_count", "Series registered.", () => node.Pipeline.Registry.Count, node: node);
        Gauge("datalayer_series_limit", "Series allowed.", () => node.Pipeline.Registry.SeriesMax, node: node);
        Gauge("datalayer_series_bytes", "Memory of the series registry.", () => node.Pipeline.Registry.Bytes, node: node);
    }

    private void AddListeners(DaemonNode node, ConnectionTable connections, BlockMemoryPool pool)
    {
        Gauge("datalayer_tcp_connections", "Agents' connections.", () => connections.Count);
        Gauge("datalayer_tcp_connections_limit", "Agents' connections allowed.", () => connections.Limit);
        Counter("datalayer_tcp_connections_accepted_total", "Agents' connections accepted.", () => connections.Accepted);
        Counter("datalayer_tcp_connections_refused_total", "Connections closed at once because there were too many.", () => connections.Refused);
        Counter("datalayer_tcp_connections_given_up_total", "Connections closed because the peer did not read, did not finish a message, or did not say hello.", () => connections.GivenUp);
        Gauge("datalayer_tcp_receive_blocks", "Receive blocks in use.", () => pool.Rented);
        Gauge("datalayer_session_count", "Sessions of connections, requests and the UDP listener.", () => node.Sessions.LiveSessions, node: node);
    }

    private void Queue(string name, string unit, Func<double> depth, Func<double> capacity, DaemonNode node)
    {
        Gauge($"datalayer_queue_{name}_{unit}", $"What is in the queue {name}, in {unit}.", depth, node: node);
        Gauge($"datalayer_queue_{name}_capacity_{unit}", $"What the queue {name} can hold, in {unit}.", capacity, node: node);
    }

    private void Gauge(string name, string help, Func<double> read, bool always = false, DaemonNode? node = null)
    {
        var gauge = _factory.CreateGauge(name, help);
        _reads.Add(() =>
        {
            if (always || node is null || node.Ready.IsCompletedSuccessfully) gauge.Set(read());
        });
    }

    private void Counter(string name, string help, Func<double> read, DaemonNode? node = null)
    {
        var counter = _factory.CreateCounter(name, help);
        _reads.Add(() =>
        {
            if (node is null || node.Ready.IsCompletedSuccessfully) counter.IncTo(read());
        });
    }

    private void Counters<T>(string name, string help, string label, Func<long[]> read, DaemonNode node)
        where T : struct, Enum
    {
        var counters = _factory.CreateCounter(name, help, label);
        var children = Array.ConvertAll(Enum.GetValues<T>(), member => counters.WithLabels(SnakeCase.Of(member)));
        _reads.Add(() =>
        {
            if (!node.Ready.IsCompletedSuccessfully) return;
            var counts = read();
            for (var i = 0; i < children.Length; i++) children[i].IncTo(counts[i]);
        });
    }
}
