namespace DataLayer.Engines.Postgres;

/// <summary>The statements that make the schema, a step per version. A step that was released never changes; documented in docs/engines/postgres.md.</summary>
internal static class PostgresSchemaSql
{
    /// <summary>Element n leads from version n to n + 1.</summary>
    public static readonly string[] Steps = [Tables + Views];

    /// <summary>Of <c>btree</c>: a sample cannot be there twice.</summary>
    public const string UniqueIndex = "CREATE UNIQUE INDEX sample_key ON datalayer.sample (series, time)";

    public const string TimeIndex = "CREATE INDEX sample_time ON datalayer.sample USING brin (time) WITH (pages_per_range = 32, autosummarize = on)";

    // Columns are in an order without padding: 60 bytes a row and its pointer where quality is null, which stands for 1. version: see PostgresWriter.
    private const string Tables = """
        CREATE TABLE datalayer.position (
          source text PRIMARY KEY,
          number integer NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE CHECK (number < 32768),
          lsn bigint NOT NULL DEFAULT 0,
          last_time timestamptz,
          updated timestamptz NOT NULL DEFAULT now()
        ) WITH (fillfactor = 50);
        CREATE TABLE datalayer.series_def (
          id bigint PRIMARY KEY,
          name text NOT NULL,
          labels jsonb NOT NULL,
          key bytea NOT NULL
        );
        CREATE INDEX series_def_name ON datalayer.series_def (name);
        CREATE INDEX series_def_labels ON datalayer.series_def USING gin (labels jsonb_path_ops);

        """;

    private const string Views = """
        CREATE VIEW datalayer.series AS SELECT id AS series, name, labels FROM datalayer.series_def;
        CREATE VIEW datalayer.samples AS
          SELECT d.name, d.labels, s.time, nullif(s.value, 'NaN') AS value, coalesce(s.quality, 1::real) AS quality
          FROM datalayer.sample s JOIN datalayer.series_def d ON d.id = s.series;
        CREATE FUNCTION datalayer.rollup(width text, from_time timestamptz, to_time timestamptz)
          RETURNS TABLE (name text, labels jsonb, "time" timestamptz, count bigint, sum float8, min float8, max float8, avg float8, first float8, last float8)
          LANGUAGE sql STABLE AS $$
          SELECT s.name, s.labels, date_trunc(width, s.time, 'UTC'), count(*), sum(s.value), min(s.value), max(s.value), sum(s.value) / count(*),
            (array_agg(s.value ORDER BY s.time))[1], (array_agg(s.value ORDER BY s.time DESC))[1]
          FROM datalayer.samples s
          WHERE s.value IS NOT NULL AND s.time >= from_time AND s.time < to_time
          GROUP BY s.name, s.labels, date_trunc(width, s.time, 'UTC')
          $$;
        CREATE VIEW datalayer.rollup_1m AS
          SELECT d.name, d.labels, date_trunc('minute', s.time, 'UTC') AS time, count(*) AS count, sum(s.value) AS sum, min(s.value) AS min, max(s.value) AS max,
            sum(s.value) / count(*) AS avg, (array_agg(s.value ORDER BY s.time))[1] AS first, (array_agg(s.value ORDER BY s.time DESC))[1] AS last
          FROM datalayer.sample s JOIN datalayer.series_def d ON d.id = s.series
          WHERE s.value <> 'NaN'
          GROUP BY d.id, date_trunc('minute', s.time, 'UTC');
        CREATE VIEW datalayer.rollup_1h AS
          SELECT d.name, d.labels, date_trunc('hour', s.time, 'UTC') AS time, count(*) AS count, sum(s.value) AS sum, min(s.value) AS min, max(s.value) AS max,
            sum(s.value) / count(*) AS avg, (array_agg(s.value ORDER BY s.time))[1] AS first, (array_agg(s.value ORDER BY s.time DESC))[1] AS last
          FROM datalayer.sample s JOIN datalayer.series_def d ON d.id = s.series
          WHERE s.value <> 'NaN'
          GROUP BY d.id, date_trunc('hour', s.time, 'UTC');

        """;

    /// <summary>The table of the samples, before everything that names it.</summary>
    public static string SampleTable(bool isHypertable) => $"""
        CREATE TABLE datalayer.sample (
          series bigint NOT NULL,
          time timestamptz NOT NULL,
          value float8 NOT NULL,
          version bigint NOT NULL,
          quality real
        ){(isHypertable ? string.Empty : " PARTITION BY RANGE (time)")};

        """;
}
