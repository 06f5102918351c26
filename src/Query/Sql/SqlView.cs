using DataLayer.Engines;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;
using DataLayer.Query.Events;
using DataLayer.Query.Samples;

namespace DataLayer.Query.Sql;

/// <summary>
/// What one statement sees: a hot view and an engine's view that fit each other. Where a hot sample may replace a stored one, the stored samples of that
/// stretch of the series are left out of the engine's part (<see cref="LateRanges"/>) and come merged with the hot ones: so each sample appears once, also when
/// more arrive while the statement runs. Owned by the statement's thread; table functions call it on that thread.
/// </summary>
internal sealed class SqlView : IDisposable
{
    /// <summary>A range costs 24 bytes here and about 40 in DuckDB: 100 MB at most. One per series, so only a server with as many late series gets here.</summary>
    private const int RangesMax = 1_500_000;

    private readonly SeriesColumns _columns = new();
    private Dictionary<int, LateRange>? _late;
    private Dictionary<int, LateRange>? _minutes;
    private Dictionary<int, LateRange>? _hours;
    private List<EngineEvent>? _events;

    public SqlView(HotSnapshot hot, IEngineSnapshot stored, CancellationToken cancellation)
    {
        (Hot, Stored, Cancellation) = (hot, stored, cancellation);
        SeriesEnd = hot.SeriesEnd;
        HasLate = hot.MayReplaceStored;
    }

    public HotSnapshot Hot { get; }

    public IEngineSnapshot Stored { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>Series below this may have hot samples.</summary>
    public int SeriesEnd { get; }

    /// <summary>Whether there may be late ranges. Fixed when the statement begins: the engine's part is written accordingly.</summary>
    public bool HasLate { get; }

    /// <summary>The stretches in which hot samples may replace stored ones; by series.</summary>
    public IReadOnlyDictionary<int, LateRange> LateRanges => _late ??= FindLate();

    /// <summary>The hot events, each id once: the same for each look at them, whatever comes meanwhile.</summary>
    public IReadOnlyList<EngineEvent> Events => _events ??= [.. new HotEventScan(Hot, Cancellation).All()];

    /// <summary>For each series the stretch of whole buckets that its hot samples fall into.</summary>
    public IReadOnlyDictionary<int, LateRange> HotRanges(Resolution resolution) =>
        resolution == Resolution.Minute ? _minutes ??= FindHot(SamplesPlan.MinuteMicros) : _hours ??= FindHot(SamplesPlan.HourMicros);

    public void Dispose()
    {
        Hot.Dispose();
        Stored.Dispose();
    }

    private Dictionary<int, LateRange> FindLate()
    {
        var ranges = new Dictionary<int, LateRange>();
        for (var series = 0; series < SeriesEnd && HasLate; series++)
        {
            var samples = Read(series);
            if (samples.Count == 0 || samples.Times[0] > samples.BaseTime) continue;
            var last = samples.Times.AsSpan(0, samples.Count).BinarySearch(samples.BaseTime);
            if (last < 0) last = ~last - 1;
            Add(ranges, new LateRange(series, samples.Times[0], samples.Times[last] + 1));
        }

        return ranges;
    }

    private Dictionary<int, LateRange> FindHot(long width)
    {
        var ranges = new Dictionary<int, LateRange>();
        for (var series = 0; series < SeriesEnd; series++)
        {
            var samples = Read(series);
            if (samples.Count == 0) continue;
            var end = BucketGrid.Floor(samples.Times[samples.Count - 1], width) + width;
            Add(ranges, new LateRange(series, BucketGrid.Floor(samples.Times[0], width), end));
        }

        return ranges;
    }

    private SeriesColumns Read(int series)
    {
        if ((series & 0xFFF) == 0) Cancellation.ThrowIfCancellationRequested();
        _columns.Clear();
        Hot.Read(series, long.MinValue, long.MaxValue, _columns);
        return _columns;
    }

    private static void Add(Dictionary<int, LateRange> ranges, LateRange range)
    {
        if (ranges.Count == RangesMax) throw new QueryException(QueryErrorKind.TooMuch, "too many series have samples that are not stored yet; try again after the next flush, or ask for samples");
        ranges.Add(range.Series, range);
    }
}
