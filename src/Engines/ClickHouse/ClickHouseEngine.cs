using System.Globalization;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.ClickHouse;

/// <summary>
/// Samples in ClickHouse: ReplacingMergeTree by (series, time), of which the greatest version, the batch's end, counts. Data are written before the position and may be written again at any time.
/// The feeder calls one method at a time; snapshots are for any thread. The schema is in docs/engines/clickhouse.md.
/// </summary>
public sealed class ClickHouseEngine : IFedEngine
{
    // Looking at the parts costs a query of about 2 ms: one write in fifty.
    private const int WritesBetweenLooks = 50;
    private const int BatchRowsLeast = 160_000;

    private readonly EngineOptions _options;
    private readonly EngineContext _context;
    private readonly ClickHouseSettings _settings;
    private readonly ClickHouseLink _link;
    private readonly ClickHouseSchema _schema;
    private readonly ClickHousePositions _positions;
    private readonly ClickHouseSeries _series;
    private readonly SeriesNumbers _numbers;
    private readonly SampleBlock _block = new();
    private readonly SeriesColumns _columns = new();
    private readonly string _token = Guid.NewGuid().ToString("N");
    private EngineHealth _health = EngineHealth.Healthy;
    private int _preferredBatchRows = BatchRowsLeast;
    private int _writes;

    public ClickHouseEngine(EngineOptions options, EngineContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        (_options, _context) = (options, context);
        _settings = ClickHouseSettings.Parse(options.Name, options.Settings);
        if (options.Takes.Count > 0 && !options.Takes.Contains("raw"))
        {
            throw new EngineException($"Engine {options.Name} (clickhouse): Takes must name raw: the rollups are views of the raw samples.", isTransient: false);
        }

        _link = new ClickHouseLink(options, _settings.Database);
        _schema = new ClickHouseSchema(_link, _settings, options);
        _positions = new ClickHousePositions(_link, _settings.Database, context.Source);
        _numbers = new SeriesNumbers(context.Catalog);
        _series = new ClickHouseSeries(_link, _settings.Database, context.Catalog, _numbers);
    }

    public string Name => _options.Name;

    public EngineCapabilities Capabilities => EngineCapabilities.Raw | EngineCapabilities.Rollups | EngineCapabilities.Reads | EngineCapabilities.Quality;

    public long Position => _positions.Position;

    public EngineHealth Health => Volatile.Read(ref _health);

    /// <summary>1900-01-01, the least that DateTime64 with microseconds takes for certain.</summary>
    public long MinTimeMicros => ClickHouseSnapshot.MinTime;

    /// <summary>The last microsecond of 2299.</summary>
    public long MaxTimeMicros => ClickHouseSnapshot.MaxTime;

    public long LastTimeMicros { get; private set; } = long.MinValue;

    public (int InUse, int Max) Pool => (_link.InUse, _link.PoolSize);

    /// <summary>Samples that a batch should have when the engine lags: grows with the parts that wait to be merged, as each batch makes one part or more.</summary>
    public int PreferredBatchRows => Volatile.Read(ref _preferredBatchRows);

    public async Task<IReadOnlyList<string>> DescribeAsync(CancellationToken cancellation) => await _schema.DescribeAsync(cancellation).ConfigureAwait(false);

    public async ValueTask OpenAsync(CancellationToken cancellation)
    {
        await _schema.EnsureAsync(cancellation).ConfigureAwait(false);
        await _positions.ReadAsync(cancellation).ConfigureAwait(false);
        _series.Forget();
        var last = await _link.RowsAsync($"SELECT count(), toUnixTimestamp64Micro(max(time)) FROM {_settings.Database}.samples_raw", "ask for the last sample", null, cancellation).ConfigureAwait(false);
        LastTimeMicros = last[0][0] == "0" ? long.MinValue : long.Parse(last[0][1], CultureInfo.InvariantCulture);
    }

    public async ValueTask WriteAsync(ISampleSource batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        try
        {
            await StoreAsync(batch, withToken: true, cancellation).ConfigureAwait(false);
            await _positions.AdvanceAsync(batch.EndLsn, cancellation).ConfigureAwait(false);
            Volatile.Write(ref _health, EngineHealth.Healthy);
        }
        catch (EngineException fault)
        {
            Volatile.Write(ref _health, new EngineHealth(fault.IsTransient || fault is RefusedSamplesException ? EngineState.Degraded : EngineState.Failed, fault.Message));
            throw;
        }

        if (++_writes % WritesBetweenLooks == 0) await LookAtPartsAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask AddAsync(ISampleSource samples, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(samples);
        await StoreAsync(samples, withToken: false, cancellation).ConfigureAwait(false);
    }

    public async ValueTask MoveToAsync(long position, CancellationToken cancellation) => await _positions.MoveAsync(position, cancellation).ConfigureAwait(false);

    /// <summary>Nothing: the table's TTL does it.</summary>
    public ValueTask<string?> ExpireAsync(CancellationToken cancellation) => ValueTask.FromResult<string?>(null);

    public IEngineSnapshot Snapshot() => new ClickHouseSnapshot(
        _link, _settings.Database, _numbers, Position, _options.Retention is { } kept ? (_context.Time.GetUtcNow() - kept - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond : long.MinValue);

    public ValueTask DisposeAsync()
    {
        _link.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task StoreAsync(ISampleSource source, bool withToken, CancellationToken cancellation)
    {
        source.Reset();
        _block.Clear();
        while (source.TryNext(_columns))
        {
            if (_columns.Count == 0) continue;
            _series.See(_columns.Series);
            var id = _numbers.Of(_columns.Series);
            for (var from = 0; from < _columns.Count;)
            {
                var count = Math.Min(_columns.Count - from, SampleBlock.RowsMax - _block.Rows);
                _block.Add(id, _columns, from, count);
                from += count;
                if (_block.Rows == SampleBlock.RowsMax) await SendAsync(source, withToken, cancellation).ConfigureAwait(false);
            }
        }

        await SendAsync(source, withToken, cancellation).ConfigureAwait(false);
    }

    private async Task SendAsync(ISampleSource source, bool withToken, CancellationToken cancellation)
    {
        await _series.StoreAsync(InsertSettings(), cancellation).ConfigureAwait(false);
        if (_block.Rows == 0) return;
        var body = _block.Encode(source.EndLsn, out var hash);
        var settings = InsertSettings();
        if (withToken)
        {
            // A retry of a block whose answer was lost leaves no second part. Not more than that rests on it: another process, a rewind or other content has other tokens.
            settings["insert_deduplication_token"] = $"{_token}/{_positions.Epoch}/{source.EndLsn}/{hash:x}";
        }

        await _link.InsertAsync($"INSERT INTO {_settings.Database}.samples_raw ({_block.ColumnNames}) FORMAT Native", body, "store samples", settings, cancellation).ConfigureAwait(false);
        _block.Clear();
    }

    private Dictionary<string, object> InsertSettings()
    {
        var settings = new Dictionary<string, object>
        {
            ["async_insert"] = 0, // The batches are large already, and an answer must mean that they are stored.
            ["insert_deduplication_token"] = Guid.NewGuid().ToString("N"), // Else the same rows again would be left out, though somebody may have removed them.
            ["max_partitions_per_insert_block"] = 0, // Late samples may lie in any number of months.
            ["distributed_foreground_insert"] = 1,
        };
        if (_settings.Quorum is { } quorum) settings["insert_quorum"] = quorum;
        return settings;
    }

    private async Task LookAtPartsAsync(CancellationToken cancellation)
    {
        try
        {
            var rows = await _link.RowsAsync(
                $"SELECT max(parts) FROM (SELECT count() AS parts FROM system.parts WHERE active AND database = '{_settings.Database}' AND table LIKE 'samples_%' GROUP BY partition)",
                "count the parts", null, cancellation).ConfigureAwait(false);
            var parts = int.Parse(rows[0][0], CultureInfo.InvariantCulture);

            // The server begins to slow inserts down at 1,000 parts in a partition (parts_to_delay_insert) and refuses them at 3,000.
            Volatile.Write(ref _preferredBatchRows, parts < 100 ? BatchRowsLeast : parts < 300 ? 2 * BatchRowsLeast : SampleBlock.RowsMax);
        }
        catch (EngineException)
        {
            // The user may not see system.parts, or the server just went away: the next write will tell.
        }
    }
}
