using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Ingest.Shards;

namespace DataLayer.Ingest;

/// <summary>
/// The way from a data folder to a running pipeline, in two steps, because the lake stands between them: it needs the series to open, and the replay of the
/// log needs the lake's position. Used once, by the thread that opens the daemon, which holds the lock of the folder.
/// </summary>
public sealed class IngestStart : IDisposable
{
    private readonly IngestOptions _options;
    private readonly DefinitionQueue _queue = new();
    private readonly DiskStorage _storage;
    private readonly DefinitionsFile _definitions;
    private bool _isTaken;

    private IngestStart(IngestOptions options)
    {
        _options = options;
        Registry = new SeriesRegistry(_queue, options.SeriesMax);
        Agents = new AgentTable(_queue);
        _storage = new DiskStorage(Path.Combine(options.DataDirectory, "log"));
        _definitions = DefinitionsFile.Load(_storage, Restore);
    }

    /// <summary>All series ever defined.</summary>
    public SeriesRegistry Registry { get; }

    public AgentTable Agents { get; }

    /// <summary>The log, for its gauges; there after <see cref="Open"/>. The pipeline owns it.</summary>
    public RecordLog Log { get; private set; } = null!;

    /// <summary>What the replay found; there after <see cref="Open"/>.</summary>
    public LogRecoveryResult Recovered { get; private set; } = null!;

    /// <summary>First step: reads the definitions of series and agents. Throws <see cref="LogException"/>.</summary>
    public static IngestStart Load(IngestOptions options) => new(options);

    /// <summary>
    /// Second step: replays what the lake does not hold, opens the log for writing, starts the threads. Throws <see cref="LogException"/>.
    /// </summary>
    /// <param name="storedLsn">The lake's position.</param>
    /// <param name="storedMaxTime">The greatest time in the lake, Unix microseconds; long.MinValue when it is empty.</param>
    public IngestPipeline Open(long storedLsn, long storedMaxTime, TimeProvider time)
    {
        var shards = new ShardSet(_options.Shards, _options.HotBytesMax, Registry.Count, storedMaxTime);
        Recovered = LogRecovery.Run(_storage, storedLsn, Registry.Count, Agents, new Replay(shards));
        Log = RecordLog.Open(_storage, _options, _queue, _definitions, Agents, Recovered);
        _isTaken = true;
        return new IngestPipeline(_options, Registry, Log, shards, storedLsn, time);
    }

    /// <summary>Closes what no pipeline has taken over.</summary>
    public void Dispose()
    {
        if (!_isTaken) _definitions.Dispose();
    }

    private void Restore(ushort kind, int number, ReadOnlySpan<byte> bytes)
    {
        if (kind == DefinitionQueue.SeriesKind) Registry.Restore(number, bytes);
        else if (kind == DefinitionQueue.AgentKind) Agents.Restore(number, System.Text.Encoding.UTF8.GetString(bytes));
        else throw new LogException($"The definitions file has an entry of kind {kind}, which this version does not know: it was written by a newer one.");
    }

    /// <summary>One record is enough: a shard copies what it keeps.</summary>
    private sealed class Replay(ShardSet shards) : IReplayTarget
    {
        private readonly Record _record = new(1 << 20);

        public Schema CreateSchema(uint number, int[] series) => shards.RestoreSchema(number, series);

        public Record Rent() => _record;

        void IReplayTarget.Replay(Record record) => shards.Replay(record);
    }
}
