using System.Text;
using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Ingest.Shards;

namespace DataLayer.Ingest;

/// <summary>
/// What the data folder knows before the hot path runs: series and agents from the definitions file, then the records that the lake does not
/// hold, replayed from the log. In this order, because the lake needs the series and the replay needs the lake's position:
/// <see cref="Load"/>, open the lake, <see cref="Start"/>. Used once, by one thread, which holds the data folder's lock.
/// </summary>
public sealed class IngestStore
{
    private readonly IngestOptions _options;
    private readonly DiskStorage _storage;
    private readonly DefinitionQueue _queue = new();
    private readonly DefinitionsFile _definitions;

    private IngestStore(IngestOptions options)
    {
        _options = options;
        _storage = new DiskStorage(Path.Combine(options.DataDirectory, "log"));
        Registry = new SeriesRegistry(_queue, options.SeriesMax);
        Agents = new AgentTable(_queue);
        _definitions = DefinitionsFile.Load(_storage, Restore);
    }

    public SeriesRegistry Registry { get; }

    public AgentTable Agents { get; }

    /// <summary>What the replay found. Set by <see cref="Start"/>.</summary>
    public LogRecoveryResult? Recovered { get; private set; }

    /// <summary>The log, for its gauges; the pipeline owns it. Set by <see cref="Start"/>.</summary>
    public RecordLog? Log { get; private set; }

    /// <summary>Reads the definitions. Throws <see cref="LogException"/> when they are damaged or cannot be read.</summary>
    public static IngestStore Load(IngestOptions options) => new(options);

    /// <summary>
    /// Replays what the lake does not hold and starts the hot path. Throws <see cref="LogException"/> when what was durable is damaged or missing.
    /// </summary>
    /// <param name="storedLsn">The lake's position.</param>
    /// <param name="storedTimes">By series number, up to which time (Unix microseconds) the lake may hold its samples; long.MinValue, or not there: none.
    /// Samples at or before it may replace stored ones.</param>
    public IngestPipeline Start(long storedLsn, long[] storedTimes, TimeProvider time)
    {
        var shards = new ShardSet(_options.Shards, _options.HotBytesMax, storedTimes);
        Recovered = LogRecovery.Run(_storage, storedLsn, Registry.Count, Agents, new Replay(shards));
        Log = RecordLog.Open(_storage, _options, _queue, _definitions, Agents, Recovered);
        return new IngestPipeline(_options, Registry, Log, shards, storedLsn, time);
    }

    /// <summary>A reader of the log beside the pipeline, for whoever keeps a position of its own.</summary>
    public LogReader OpenReader(long afterLsn, Func<long> durableLsn) => new(_storage, afterLsn, durableLsn);

    private void Restore(ushort kind, int number, ReadOnlySpan<byte> bytes)
    {
        if (kind == DefinitionQueue.SeriesKind) Registry.Restore(number, bytes);
        else Agents.Restore(number, Encoding.UTF8.GetString(bytes));
    }

    private sealed class Replay(ShardSet shards) : IReplayTarget
    {
        private readonly Record _record = new(1 << 20);

        public Schema CreateSchema(uint number, int[] series) => shards.RestoreSchema(number, series);

        public Record Rent() => _record;

        void IReplayTarget.Replay(Record record) => shards.Replay(record);
    }
}
