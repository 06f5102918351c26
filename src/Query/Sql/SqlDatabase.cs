using System.Collections.Concurrent;
using System.Globalization;
using DataLayer.Engines;
using DataLayer.Ingest.Series;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace DataLayer.Query.Sql;

/// <summary>
/// The in-memory DuckDB database of the SQL service: settings locked, a table of all series, and our table functions. Reads files in the lake's folder only,
/// writes none: COPY is refused by <see cref="SqlGuard"/>. Any thread; each worker has a connection of its own.
/// </summary>
internal sealed class SqlDatabase : IDisposable
{
    private readonly DuckDBConnection _root;
    private readonly ISeriesCatalog _catalog;
    private readonly Lock _seriesLock = new();
    private readonly ConcurrentDictionary<long, SqlView> _views = [];
    private long _lastView;

    // Guarded by: _seriesLock.
    private int _seriesLoaded;
    private (int From, int To) _seriesLoading;

    public SqlDatabase(string lakeFolder, ISeriesCatalog catalog, SqlOptions options)
    {
        _catalog = catalog;
        _root = new DuckDBConnection("DataSource=:memory:");
        _root.Open();
        RegisterTables();
        Execute(_root, "CREATE TABLE all_series (series INTEGER, name VARCHAR, labels MAP(VARCHAR, VARCHAR))");
        foreach (var setting in Settings(lakeFolder, options)) Execute(_root, $"SET {setting}");
    }

    /// <summary>A connection for one worker, which disposes it.</summary>
    public DuckDBConnection Connect()
    {
        var connection = _root.Duplicate();
        connection.Open();
        Execute(connection, "CREATE OR REPLACE TEMP VIEW series AS SELECT series, name, labels FROM memory.main.all_series");
        return connection;
    }

    public long Add(SqlView view)
    {
        var number = Interlocked.Increment(ref _lastView);
        _views[number] = view;
        return number;
    }

    public void Remove(long number) => _views.TryRemove(number, out _);

    /// <summary>Brings the table of series up to the catalog.</summary>
    public void LoadSeries(DuckDBConnection connection)
    {
        lock (_seriesLock)
        {
            var count = _catalog.Count;
            if (count == _seriesLoaded) return;
            _seriesLoading = (_seriesLoaded, count);
            Execute(connection, "INSERT INTO memory.main.all_series SELECT series, name, map(keys, vals) FROM new_series(0)");
            _seriesLoaded = count;
        }
    }

    /// <summary>Defines samples, rollup_1m, rollup_1h and events for one statement. The views lake_… must be there.</summary>
    public static void DefineViews(DuckDBConnection connection, SqlStatement statement, SqlView view, long number)
    {
        if (statement.UsesSamples) Execute(connection, SamplesSql(statement, view, number));
        if (statement.UsesEvents) Execute(connection, EventsSql(number));
        if (!statement.UsesRollups) return;
        Execute(connection, RollupSql("rollup_1m", number));
        Execute(connection, RollupSql("rollup_1h", number));
    }

    public static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => _root.Dispose();

    private static string SamplesSql(SqlStatement statement, SqlView view, long number)
    {
        // NaN becomes NULL: stale markers are NaN, and one of them would make NaN of each sum and average over it.
        const string Value = "CASE WHEN isnan(x.value) THEN NULL ELSE x.value END AS value";
        var stored = "SELECT series, time, value, quality FROM lake_samples l" + (view.HasLate ? Outside("late_ranges", number) : "");
        var all = string.Create(CultureInfo.InvariantCulture, $"({stored} UNION ALL SELECT series, time, value, quality FROM hot_samples({number})) x");
        return statement.NeedsNames
            ? $"CREATE OR REPLACE TEMP VIEW samples AS SELECT s.name, s.labels, x.time, {Value}, x.quality FROM {all} JOIN memory.main.all_series s ON s.series = x.series"
            : $"CREATE OR REPLACE TEMP VIEW samples AS SELECT x.time, {Value}, x.quality FROM {all}";
    }

    private static string RollupSql(string name, long number) => string.Create(CultureInfo.InvariantCulture, $"""
        CREATE OR REPLACE TEMP VIEW {name} AS SELECT s.name, s.labels, x.time, x.count, x.sum, x.min, x.max, x.sum / x.count AS avg, x.first, x.last FROM (
          SELECT series, time, count, sum, min, max, first, last FROM lake_{name} l{Outside("hot_ranges" + name[6..], number)}
          UNION ALL SELECT series, time, count, sum, min, max, first, last FROM hot_{name}({number})) x
        JOIN memory.main.all_series s ON s.series = x.series
        """);

    // An event that is hot replaces what the lake has of its id.
    private static string EventsSql(long number) => string.Create(CultureInfo.InvariantCulture, $"""
        CREATE OR REPLACE TEMP VIEW events AS
        SELECT id, type, source, time, document, latitude, longitude FROM lake_events l WHERE NOT EXISTS (SELECT 1 FROM hot_events({number}) h WHERE h.id = l.id)
        UNION ALL SELECT id, type, source, time, document, CASE WHEN isnan(latitude) THEN NULL ELSE latitude END, CASE WHEN isnan(longitude) THEN NULL ELSE longitude END FROM hot_events({number})
        """);

    private static string Outside(string ranges, long number) => string.Create(
        CultureInfo.InvariantCulture, $" WHERE NOT EXISTS (SELECT 1 FROM {ranges}({number}) r WHERE r.series = l.series AND l.time >= r.from_time AND l.time < r.to_time)");

    private static IEnumerable<string> Settings(string lakeFolder, SqlOptions options)
    {
        yield return "threads = 1";
        yield return string.Create(CultureInfo.InvariantCulture, $"memory_limit = '{options.MemoryLimitBytes}B'");

        // No spilling: a statement that does not fit is refused instead of filling the disk that ingest needs.
        yield return "temp_directory = ''";
        yield return "TimeZone = 'UTC'";
        yield return "parquet_metadata_cache = true";
        yield return "autoinstall_known_extensions = false";
        yield return "autoload_known_extensions = false";
        yield return $"allowed_directories = ['{Path.GetFullPath(lakeFolder).TrimEnd('/').Replace("'", "''", StringComparison.Ordinal)}/']";
        yield return "enable_external_access = false";
        yield return "lock_configuration = true";
    }

    private void RegisterTables()
    {
        (string, DuckDBType)[] samples = [("series", DuckDBType.Integer), ("time", DuckDBType.Timestamp), ("value", DuckDBType.Double), ("quality", DuckDBType.Float)];
        (string, DuckDBType)[] ranges = [("series", DuckDBType.Integer), ("from_time", DuckDBType.Timestamp), ("to_time", DuckDBType.Timestamp)];
        (string, DuckDBType)[] rollups =
        [
            ("series", DuckDBType.Integer), ("time", DuckDBType.Timestamp), ("count", DuckDBType.BigInt), ("sum", DuckDBType.Double), ("min", DuckDBType.Double),
            ("max", DuckDBType.Double), ("first", DuckDBType.Double), ("last", DuckDBType.Double),
        ];
        Register("hot_samples", view => new HotScan(view), view => view.Hot.SampleCount, samples);
        Register("hot_rollup_1m", view => new HotRollupScan(view, _catalog, Resolution.Minute), view => 2L * view.SeriesEnd, rollups);
        Register("hot_rollup_1h", view => new HotRollupScan(view, _catalog, Resolution.Hour), view => 2L * view.SeriesEnd, rollups);

        Register(
            "hot_events", view => new HotEventRows(view.Events), _ => 0,
            [
                ("id", DuckDBType.Varchar), ("type", DuckDBType.Varchar), ("source", DuckDBType.Varchar), ("time", DuckDBType.Timestamp), ("document", DuckDBType.Varchar),
                ("latitude", DuckDBType.Double), ("longitude", DuckDBType.Double),
            ]);

        // Ranges are what a join should keep in memory, beside the far more samples: so they are called few.
        Register("late_ranges", view => new RangeScan(view.LateRanges.Values), _ => 0, ranges);
        Register("hot_ranges_1m", view => new RangeScan(view.HotRanges(Resolution.Minute).Values), _ => 0, ranges);
        Register("hot_ranges_1h", view => new RangeScan(view.HotRanges(Resolution.Hour).Values), _ => 0, ranges);
        new NewSeriesTable(() => new SeriesScan(_catalog, _seriesLoading.From, _seriesLoading.To)).Register(_root);
    }

    private void Register(string name, Func<SqlView, NativeScan> open, Func<SqlView, long> estimateRows, (string Name, DuckDBType Type)[] columns) =>
        new ViewTable(name, ViewOf, open, estimateRows, columns).Register(_root);

    private SqlView ViewOf(long number) => _views.TryGetValue(number, out var view) ? view : throw QueryException.BadRequest("no such view");
}
