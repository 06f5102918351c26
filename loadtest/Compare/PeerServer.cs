namespace DataLayer.LoadTest.Compare;

/// <summary>How a peer is started and spoken to. {folder} and {port} stand for what a run gives it.</summary>
/// <param name="Command">The program, as its Debian package installs it.</param>
/// <param name="Config">Written to {folder}/config before the start; null: none.</param>
/// <param name="ReadyPath">Answers with success when data are taken.</param>
/// <param name="SetupPath">Posted to once after the start; null: nothing.</param>
/// <param name="SettlePaths">Read after the load: has the server write what it holds in memory.</param>
internal sealed record PeerServer(string Command, string Package, string[] Arguments, string? Config, string ReadyPath, string? SetupPath, string[] SettlePaths)
{
    public static PeerServer VictoriaMetrics { get; } = new(
        "victoria-metrics",
        "victoria-metrics",
        ["-storageDataPath={folder}/data", "-httpListenAddr=127.0.0.1:{port}", "-search.latencyOffset=0s", "-search.disableCache=true", "-search.maxUniqueTimeseries=2000000", "-search.maxSeries=2000000", "-search.maxQueryDuration=5m", "-search.maxSamplesPerQuery=100000000000"],
        null,
        "health",
        null,
        ["internal/force_flush", "internal/force_merge"]);

    public static PeerServer InfluxDb { get; } = new(
        "influxd",
        "influxdb",
        ["run", "-config", "{folder}/config"],
        """
        reporting-disabled = true
        bind-address = "127.0.0.1:0"
        [meta]
          dir = "{folder}/data/meta"
        [data]
          dir = "{folder}/data/data"
          wal-dir = "{folder}/data/wal"
          query-log-enabled = false
          max-series-per-database = 0
          max-values-per-tag = 0
          cache-snapshot-write-cold-duration = "1s"
        [http]
          bind-address = "127.0.0.1:{port}"
          log-enabled = false
        [monitor]
          store-enabled = false
        [logging]
          level = "error"
        """,
        "ping",
        "query?q=CREATE+DATABASE+load",
        []);

    public static PeerServer Prometheus { get; } = new(
        "prometheus",
        "prometheus",
        ["--config.file={folder}/config", "--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver", "--query.max-samples=2000000000", "--query.timeout=5m", "--log.level=error"],
        "global: {}",
        "-/ready",
        null,
        []);
}
