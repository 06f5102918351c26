using System.Text;
using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Tests.Log;

/// <summary>A log with all that it needs, opened as the daemon opens it: definitions, recovery, log. What was replayed is kept for checks.</summary>
internal sealed class LogHarness : IReplayTarget, IDisposable
{
    private readonly ILogStorage _storage;
    private uint _schemas;

    public LogHarness(ILogStorage storage, long afterLsn = 0, int segmentBytes = 1 << 20, bool prepares = false, bool checksSeries = false)
    {
        _storage = storage;
        Agents = new AgentTable(Queue);
        var definitions = DefinitionsFile.Load(storage, (kind, number, bytes) =>
        {
            if (kind == DefinitionQueue.AgentKind) Agents.Restore(number, Encoding.UTF8.GetString(bytes));
            else Series.Add(Encoding.UTF8.GetString(bytes));
        });
        try
        {
            Recovered = LogRecovery.Run(storage, afterLsn, checksSeries ? Series.Count : int.MaxValue, Agents, this);
            Log = RecordLog.Open(storage, new IngestOptions { SegmentBytes = segmentBytes }, Queue, definitions, Agents, Recovered, prepares);
        }
        catch
        {
            definitions.Dispose();
            throw;
        }
    }

    public DefinitionQueue Queue { get; } = new();

    public AgentTable Agents { get; }

    public List<string> Series { get; } = [];

    public LogRecoveryResult Recovered { get; }

    public RecordLog Log { get; }

    /// <summary>What was replayed: LSN, agent, batch, bytes, and the series of the rows.</summary>
    public List<Replayed> Replayed { get; } = [];

    public List<long> ReplayedLsns => Replayed.ConvertAll(record => record.Lsn);

    /// <summary>Gives out the next series number, as the registry does.</summary>
    public int Define(string key)
    {
        Queue.Add(DefinitionQueue.SeriesKind, Series.Count, Encoding.UTF8.GetBytes(key));
        Series.Add(key);
        return Series.Count - 1;
    }

    public Schema NewSchema(params int[] series) => new(++_schemas, series, 2);

    public Record Append(int samples = 3, Agent? agent = null, long seq = 0, Schema? schema = null)
    {
        var record = Filled(Log.LastLsn + 1, samples, agent?.Number ?? 0, seq, schema);
        Log.Append(record);
        return record;
    }

    /// <summary>A record whose content follows from its LSN.</summary>
    public static Record Filled(long lsn, int samples, int agent = 0, long seq = 0, Schema? schema = null)
    {
        var record = new Record(256);
        for (var i = 0; i < samples; i++) record.AddSample(i, (lsn * 1000) + i, lsn + (i / 8.0));
        if (schema is not null)
        {
            var values = new double[schema.ColumnCount];
            for (var i = 0; i < values.Length; i++) values[i] = lsn * i;
            record.AddRow(schema, lsn, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()), values.Length);
        }

        if (lsn % 3 == 1) record.AddEvent(lsn, [1], "type"u8, ""u8, [0x81, 0xa1, (byte)'a', (byte)samples]);
        record.Complete(agent, seq, lsn);
        record.Seal(lsn);
        return record;
    }

    public Schema CreateSchema(uint number, int[] series) => new(number, series, 2);

    public Record Rent() => new(256);

    public void Replay(Record record) =>
        Replayed.Add(new Replayed(record.Lsn, record.Agent, record.BatchSeq, record.Bytes.ToArray(), [.. record.Schemas.SelectMany(schema => schema.Series)]));

    public void Dispose() => Log.Dispose();
}
