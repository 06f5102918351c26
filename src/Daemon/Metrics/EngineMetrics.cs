using DataLayer.Engines.Feed;
using Prometheus;

namespace DataLayer.Daemon.Metrics;

/// <summary>The fed engines at <c>/metrics</c>, by the names that the configuration gives them; those of engines that are gone go with them. Read when somebody scrapes, by one thread at a time.</summary>
internal sealed class EngineMetrics
{
    private readonly List<(Gauge Gauge, Func<EngineFeeder, double> Read)> _gauges = [];
    private readonly List<(Counter Counter, Func<EngineFeeder, double> Read)> _counters = [];
    private readonly HashSet<string> _names = [];

    public EngineMetrics(MetricFactory factory)
    {
        void Gauge(string name, string help, Func<EngineFeeder, double> read) => _gauges.Add((factory.CreateGauge(name, help, "engine"), read));
        void Counter(string name, string help, Func<EngineFeeder, double> read) => _counters.Add((factory.CreateCounter(name, help, "engine"), read));
        Gauge("datalayer_engine_up", "1 when the engine's last call went well and it is being fed.", feeder => feeder.Report.Health.State == Engines.EngineState.Healthy ? 1 : 0);
        Gauge("datalayer_engine_feed_state", "0 running, 1 paused, 2 detached, 3 rebuilding.", feeder => (int)feeder.State);
        Gauge("datalayer_engine_position_lsn", "The last record that the engine holds.", feeder => feeder.Engine.Position);
        Gauge("datalayer_engine_lag_records", "Records on disk that the engine does not hold.", feeder => feeder.Report.Lag.Records);
        Gauge("datalayer_engine_lag_samples", "Samples on disk that the engine does not hold.", feeder => feeder.Report.Lag.Samples);
        Gauge("datalayer_engine_lag_seconds", "Age of the newest sample that the engine holds; 0 when it holds all.", feeder => feeder.Report.Lag.Seconds);
        Gauge("datalayer_engine_write_last_seconds", "How long the last batch took.", feeder => feeder.Report.Gauges.LastWrite.TotalSeconds);
        Gauge("datalayer_engine_connections", "Connections to the server in use.", feeder => feeder.Engine.Pool.InUse);
        Gauge("datalayer_engine_connections_limit", "Connections to the server allowed.", feeder => feeder.Engine.Pool.Max);
        Counter("datalayer_engine_samples_written_total", "Samples written to the engine, those written again included.", feeder => feeder.Report.Gauges.Samples);
        Counter("datalayer_engine_batches_total", "Batches written to the engine.", feeder => feeder.Report.Gauges.Batches);
        Counter("datalayer_engine_failures_total", "Calls to the engine that failed and were tried again.", feeder => feeder.Report.Gauges.Failures);
        Counter("datalayer_engine_dead_letters_total", "Samples that the engine refused for what they are.", feeder => feeder.Letters.Count);
    }

    public void Read(IReadOnlyList<(EngineFeeder Feeder, string Kind)> feeds)
    {
        foreach (var gone in _names.Where(name => feeds.All(feed => feed.Feeder.Engine.Name != name)).ToList())
        {
            foreach (var (gauge, _) in _gauges) gauge.RemoveLabelled(gone);
            foreach (var (counter, _) in _counters) counter.RemoveLabelled(gone);
            _names.Remove(gone);
        }

        foreach (var (feeder, _) in feeds)
        {
            _names.Add(feeder.Engine.Name);
            foreach (var (gauge, read) in _gauges) gauge.WithLabels(feeder.Engine.Name).Set(read(feeder));
            foreach (var (counter, read) in _counters) counter.WithLabels(feeder.Engine.Name).IncTo(read(feeder));
        }
    }
}
