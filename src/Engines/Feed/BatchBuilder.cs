using DataLayer.Engines.Events;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Feed;

/// <summary>
/// Makes a batch of records: the samples that the engine takes, those that it can never hold apart. Owned by one feeder, which builds one batch while another is written.
/// </summary>
/// <param name="takesEvents">The engine holds events as well.</param>
internal sealed class BatchBuilder(ISeriesCatalog catalog, SeriesFilter filter, long minTime, long maxTime, bool takesEvents)
{
    private readonly BatchColumns _columns = new(catalog);
    private long _eventBytes;

    public long AfterLsn { get; private set; }

    public long EndLsn { get; private set; }

    /// <summary>Samples in it so far.</summary>
    public int SampleCount => _columns.Taken;

    public long Bytes => _columns.Bytes + _eventBytes;

    /// <summary>Samples of the records, those that the engine does not take included.</summary>
    public long SamplesRead { get; private set; }

    /// <summary>Arrival of the first and of the last record in it, Unix microseconds.</summary>
    public (long First, long Last) Arrivals { get; private set; }

    /// <summary>Samples whose time the engine cannot hold.</summary>
    public List<DeadLetter> Unholdable { get; } = [];

    /// <summary>In order of arrival; empty where the engine holds none.</summary>
    public List<EngineEvent> Events { get; } = [];

    public bool HasRecords => EndLsn > AfterLsn;

    public void Begin(long afterLsn)
    {
        _columns.Clear();
        Unholdable.Clear();
        Events.Clear();
        _eventBytes = 0;
        (AfterLsn, EndLsn, SamplesRead, Arrivals) = (afterLsn, afterLsn, 0, default);
    }

    public void Add(Record record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var sections = new RecordSections(record.Bytes);
        var schema = 0;
        while (sections.MoveNext())
        {
            if (sections.Kind == SectionKind.Rows) AddRows(in sections, record.Schemas[schema++], record.Lsn);
            else if (sections.Kind == SectionKind.Samples) AddSamples(in sections, record.Lsn);
            else if (takesEvents) AddEvents(sections.Events);
        }

        Arrivals = HasRecords ? (Arrivals.First, record.ArrivalMicros) : (record.ArrivalMicros, record.ArrivalMicros);
        EndLsn = record.Lsn;
        SamplesRead += record.SampleCount;
    }

    /// <summary>The batch; valid until <see cref="Begin"/>.</summary>
    public LogBatch Build(KnownTimes known)
    {
        _columns.Order(known);
        return new LogBatch(_columns, AfterLsn, EndLsn);
    }

    private void AddRows(in RecordSections sections, Schema schema, long lsn)
    {
        var rows = sections.Rows;
        var stride = sections.Columns + 1;
        var series = schema.Series;
        for (var at = 0; at < rows.Length; at += stride)
        {
            var time = BitConverter.DoubleToInt64Bits(rows[at]);
            for (var column = 0; column < series.Length; column++)
            {
                var value = rows[at + 1 + column];
                if (series[column] >= 0 && BitConverter.DoubleToInt64Bits(value) != RecordLayout.NoSampleBits) Add(series[column], time, value, 1f, lsn);
            }
        }
    }

    private void AddSamples(in RecordSections sections, long lsn)
    {
        var series = sections.Series;
        var qualities = sections.Qualities;
        for (var at = 0; at < series.Length; at++) Add(series[at], sections.Times[at], sections.Values[at], qualities.IsEmpty ? 1f : qualities[at], lsn);
    }

    private void AddEvents(ReadOnlySpan<byte> section)
    {
        var kept = section.ToArray(); // The record is read over while the batch is written.
        var events = new RecordEvents(kept);
        while (events.MoveNext()) Events.Add(EventText.Read(in events, kept));
        _eventBytes += 2L * kept.Length;
    }

    private void Add(int series, long time, double value, float quality, long lsn)
    {
        if (!filter.Takes(series)) return;
        if (time >= minTime && time <= maxTime) _columns.Add(series, time, value, quality);
        else Unholdable.Add(new DeadLetter(series, time, value, quality, lsn, DeadLetter.UnholdableTime));
    }
}
