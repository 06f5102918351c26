using DataLayer.Ingest.Records;
using StackExchange.Redis;

namespace DataLayer.Engines.Redis;

/// <summary>
/// Sends a batch as few large calls, several on their way at once: definitions of new series, latest values, windows. When it returns the server has answered all of them.
/// Owned by the engine, one batch at a time.
/// </summary>
internal sealed class RedisWriter(RedisConnection connection, RedisOptions options, SeriesNames names, RedisKeys keys, bool hasWindows, TimeProvider time)
{
    /// <summary>Pairs of a call: a call holds up all other clients of the server for about a millisecond at most. Measured: 1,000 at once cost as little each as more.</summary>
    private const int PairsMax = 1000;

    /// <summary>A sample as text and as what surrounds it.</summary>
    private const int CallBytes = PairsMax * (SampleText.MaxBytes + 24);

    /// <summary>Records of one argument, and bytes of one call, of windows.</summary>
    private const int PieceRecords = 1024;

    private const int WindowBytes = 128 * 1024;
    private const int WindowKeysMax = 500;

    /// <summary>Calls that may be on their way: the server has the next when it has done one, and at most 2 MiB wait.</summary>
    private const int InFlightMax = 12;

    private readonly Queue<(Task<RedisResult> Task, ScriptCall? Call, bool IsWindow)> _inFlight = new(InFlightMax);
    private readonly List<int> _newSeries = [];
    private readonly HashSet<string> _knownMetrics = [];
    private readonly List<HashEntry> _definitions = [];
    private MetricKeys? _definitionsOf;
    private IDatabase _database = null!;
    private RedisValue _run;
    private ScriptCall? _latest;
    private ScriptCall? _window;
    private MetricKeys? _metric;
    private int _groupAt;
    private int _pairs;
    private int _groupPairs;
    private long _groupLeast;
    private long _groupGreatest;
    private bool _isGroupNew;

    /// <summary>The greatest time in the last batch.</summary>
    public long LastTime { get; private set; }

    /// <summary>The greatest time that full windows have dropped in the last batch; long.MinValue: none.</summary>
    public long DroppedTime { get; private set; }

    /// <summary>Calls that wait for their answer.</summary>
    public int InFlight => _inFlight.Count;

    /// <param name="run">Identifies what this writer has stored before, so that its new samples need no comparison.</param>
    /// <param name="isAdded">The samples come beside the order of the log: each is compared with what is stored.</param>
    public async Task WriteAsync(ISampleSource batch, string run, bool isAdded, CancellationToken cancellation)
    {
        Begin(run);
        _database = await connection.DatabaseAsync(cancellation);
        try
        {
            var columns = new SeriesColumns();
            while (batch.TryNext(columns))
            {
                if (columns.Count == 0) continue;
                if (isAdded) columns.BaseTime = long.MaxValue;
                Add(columns, batch.EndLsn);
                await DrainAsync(InFlightMax, cancellation);
            }

            EndMetric();
            SendWindow();
            await DrainAsync(0, cancellation);
            foreach (var series in _newSeries) names.Define(series);
        }
        catch (Exception exception) when (RedisFaults.IsFault(exception))
        {
            throw connection.Fault(exception);
        }
    }

    private void Begin(string run)
    {
        foreach (var (task, _, _) in _inFlight) _ = task.Exception; // Of a batch that failed: nobody asks for them any more.
        _inFlight.Clear();
        _newSeries.Clear();
        _definitions.Clear();
        (_latest, _window, _metric, _definitionsOf, _pairs, _groupPairs, _run) = (null, null, null, null, 0, 0, run);
        (LastTime, DroppedTime) = (long.MinValue, long.MinValue);
    }

    private void Add(SeriesColumns columns, long version)
    {
        var metric = names.MetricOf(columns.Series);
        if (!ReferenceEquals(metric, _metric)) BeginMetric(metric);
        AddDefinition(columns, metric);
        LastTime = Math.Max(LastTime, columns.Times[columns.Count - 1]);
        AddLatest(columns, metric, version);
        if (hasWindows) AddWindow(columns, metric, version);
    }

    private void BeginMetric(MetricKeys metric)
    {
        if (connection.IsCluster)
        {
            // A call's keys must lie in one slot.
            EndMetric();
            SendWindow();
        }
        else
        {
            EndGroup();
        }

        _metric = metric;
    }

    private void EndMetric()
    {
        EndGroup();
        SendLatest();
    }

    // A series that was quiet for longer than latest values live may have lost its labels with its value.
    private void AddDefinition(SeriesColumns columns, MetricKeys metric)
    {
        var isExpired = options.LatestTtl is { } ttl && columns.BaseTime < NowMicros() - (long)ttl.TotalMicroseconds;
        if (names.IsDefined(columns.Series) && !isExpired) return;
        if (!ReferenceEquals(_definitionsOf, metric) || _definitions.Count == PairsMax) SendDefinitions();
        _definitionsOf = metric;
        _definitions.Add(new HashEntry(names.IdOf(columns.Series), names.LabelsOf(columns.Series)));
        _newSeries.Add(columns.Series);
    }

    private void AddLatest(SeriesColumns columns, MetricKeys metric, long version)
    {
        var id = names.IdOf(columns.Series);
        var from = metric.Channel.IsNullOrEmpty ? columns.Count - 1 : 0; // Without a channel only the last sample matters.
        var isSplit = columns.Count - from > PairsMax;
        var isNew = columns.Times[from] > columns.BaseTime && !isSplit; // Calls of one series may pass each other when a slot moves: they are compared.
        for (var at = from; at < columns.Count; at++)
        {
            if (_pairs == PairsMax || _latest?.Free.Length < SampleText.MaxBytes) EndMetric();
            BeginGroup(metric);
            _latest!.Add(id);
            var written = SampleText.Write(_latest.Free, columns.Times[at], columns.Values[at], columns.Qualities?[at] ?? 1f, version);
            _latest.AddBytes(written);
            _pairs++;
            _groupPairs++;
            _isGroupNew &= isNew;
            (_groupLeast, _groupGreatest) = (Math.Min(_groupLeast, columns.Times[at]), Math.Max(_groupGreatest, columns.Times[at]));
        }
    }

    private void BeginGroup(MetricKeys metric)
    {
        _latest ??= new ScriptCall(CallBytes, _run, options.ShardedChannels ? "SPUBLISH" : "PUBLISH", (long)(options.LatestTtl?.TotalMilliseconds ?? 0));
        if (_groupPairs > 0) return;
        _latest.AddKey(metric.Latest);
        _groupAt = _latest.ValueCount;
        for (var at = 0; at < 3; at++) _latest.Add(RedisValue.EmptyString);
        _latest.Add(metric.Channel);
        (_isGroupNew, _groupLeast, _groupGreatest) = (true, long.MaxValue, long.MinValue);
    }

    private void EndGroup()
    {
        if (_groupPairs == 0) return;
        _latest!.Set(_groupAt, _groupPairs);
        _latest.Set(_groupAt + 1, _isGroupNew ? _groupLeast : RedisValue.EmptyString);
        _latest.Set(_groupAt + 2, _groupGreatest);
        _groupPairs = 0;
    }

    private void AddWindow(SeriesColumns columns, MetricKeys metric, long version)
    {
        for (var from = 0; from < columns.Count; from += PieceRecords)
        {
            var count = Math.Min(PieceRecords, columns.Count - from);
            if (_window is { } full && (full.KeyCount == WindowKeysMax || full.Free.Length < count * WindowRecord.Bytes)) SendWindow();
            _window ??= new ScriptCall(WindowBytes, options.WindowSamples, Cutoff(), (long)(options.WindowAge?.TotalMilliseconds ?? 0));
            _window.AddKey(keys.Window(metric.Tag, names.IdOf(columns.Series)));
            var free = _window.Free;
            for (var at = 0; at < count; at++)
            {
                new WindowRecord(columns.Times[from + at], columns.Values[from + at], columns.Qualities?[from + at] ?? 1f, version).Write(free[(at * WindowRecord.Bytes)..]);
            }

            _window.AddBytes(count * WindowRecord.Bytes);
        }
    }

    private void SendDefinitions()
    {
        if (_definitions.Count == 0) return;
        _inFlight.Enqueue((Done(_database.HashSetAsync(_definitionsOf!.Series, [.. _definitions])), null, false));
        if (!IsKnown(_definitionsOf.Name)) _inFlight.Enqueue((Done(AddMetricAsync(_definitionsOf.Name)), null, false));
        _definitions.Clear();
    }

    /// <summary>The server may have lost the names of the metrics.</summary>
    public void ForgetMetrics()
    {
        lock (_knownMetrics) _knownMetrics.Clear();
    }

    private async Task AddMetricAsync(string name)
    {
        await _database.SetAddAsync(keys.Metrics, name);
        lock (_knownMetrics) _knownMetrics.Add(name);
    }

    private bool IsKnown(string name)
    {
        lock (_knownMetrics) return _knownMetrics.Contains(name);
    }

    private void SendLatest()
    {
        SendDefinitions();
        if (_latest is { } call) _inFlight.Enqueue((call.Send(_database, RedisScripts.Latest), call, false));
        (_latest, _pairs) = (null, 0);
    }

    private void SendWindow()
    {
        if (_window is { } call) _inFlight.Enqueue((call.Send(_database, RedisScripts.Window), call, true));
        _window = null;
    }

    private async ValueTask DrainAsync(int left, CancellationToken cancellation)
    {
        while (_inFlight.Count > left)
        {
            var (task, call, isWindow) = _inFlight.Peek();
            var answer = await task.WaitAsync(cancellation);
            _inFlight.Dequeue();
            call?.Dispose();
            if (isWindow && (string?)answer is { Length: > 0 } dropped) DroppedTime = Math.Max(DroppedTime, long.Parse(dropped, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static async Task<RedisResult> Done(Task task)
    {
        await task;
        return RedisResult.Create(RedisValue.Null);
    }

    private RedisValue Cutoff() => options.WindowAge is { } age ? NowMicros() - (long)age.TotalMicroseconds : RedisValue.EmptyString;

    private long NowMicros() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
