using Xunit;

namespace DataLayer.Cli.Tests;

/// <summary>latest, series, sql, tail and status against given answers.</summary>
public sealed class OtherCommandsTests
{
    [Fact]
    public async Task Latest_terminal_shows_age_in_natural_order()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/latest", """
            {"series":[{"name":"cpu","labels":{"core":"10"},"time":1795435199,"value":1},
                       {"name":"cpu","labels":{"core":"2"},"time":1795435100,"value":0.333333333333}],"truncated":false}
            """);
        var run = await CliRun.RunAsync(["latest", "cpu", "--http", daemon.Address], isTerminal: true);
        Assert.Equal(
            """
            series             value       when
            cpu{core="2"}   0.333333  100 s ago
            cpu{core="10"}         1    1 s ago

            """,
            run.Out);
    }

    [Fact]
    public async Task Latest_plain_shows_exact_times_and_values()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/latest", """{"series":[{"name":"cpu","labels":{},"time":1795435199.5,"value":0.1}],"truncated":false}""");
        Assert.Equal("series  value  time\ncpu       0.1  2026-11-23T11:59:59.5Z\n", (await CliRun.PlainAsync("latest", "cpu", "--http", daemon.Address)).Out);
    }

    [Fact]
    public async Task Series_cardinality_names_the_label_that_makes_the_series()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/cardinality", """
            {"series":1200,"names":{"values":2,"top":[{"value":"cpu","series":1000},{"value":"mem","series":200}]},
             "labels":[{"label":"pod","values":400,"series":1200,"top":[{"value":"p1","series":3}]}]}
            """);
        var run = await CliRun.PlainAsync("series", "--cardinality", "--http", daemon.Address);
        Assert.Equal(
            """
            label   values  series  most
            (name)       2   1,200  cpu ×1,000  mem ×200
            pod        400   1,200  p1 ×3

            """,
            run.Out);
    }

    [Fact]
    public async Task Sql_from_stdin_shows_a_table()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/sql", """
            {"columns":[{"name":"name","type":"VARCHAR"},{"name":"n","type":"BIGINT"},{"name":"x","type":"DOUBLE"}],"rows":[["a",1,1.5],["long name",1000,null]]}
            """);
        var run = await CliRun.RunAsync(["sql", "--http", daemon.Address], input: "SELECT 1");
        Assert.Equal("name          n     x\na             1   1.5\nlong name  1000  NULL\n", run.Out);
        Assert.Equal("/api/v1/sql SELECT 1", Assert.Single(daemon.Requests));
    }

    [Fact]
    public async Task Tail_limit_ends_and_drops_are_told()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/tail", """
            {"name":"a","labels":{"k":"v"},"time":1763899200.250000,"value":1.5}
            {"dropped":12}
            {"name":"b","labels":{},"time":1763899201.000000,"value":null}
            {"name":"c","labels":{},"time":1763899202.000000,"value":3}
            """);
        var run = await CliRun.PlainAsync("tail", "-n", "2", "--http", daemon.Address);
        Assert.Equal("2025-11-23T12:00:00.25Z  a{k=\"v\"}  1.5\n2025-11-23T12:00:01Z  b  NaN\n", run.Out);
        Assert.StartsWith("12 samples not shown", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, "✓ received = stored + rejected + dropped + in flight")]
    [InlineData(3, 1, "✗ 3 samples are unaccounted for")]
    public async Task Status_checks_the_conservation_law(long unaccounted, int exitCode, string line)
    {
        using var daemon = new FakeHttp().Answer("/api/v1/status", $$"""
            {"version":"0.1.0","state":"ready","ready":true,"uptimeSeconds":3.5,"residentBytes":104857600,"dataDir":"/d",
             "conservation":{"received":1000,"stored":990,"rejected":{"bad_content":7},"dropped":{},"inFlight":0,"held":0,"unaccounted":{{unaccounted}}},
             "ingest":{"admission":"open","bytes":2048,"batches":2},"queues":[{"name":"hot_store","unit":"bytes","depth":1048576,"capacity":2097152,"whenFull":"wait"}],
             "engines":[{"name":"lake","state":"healthy","position":12,"storedBytes":4096,"lagSeconds":0.25}]}
            """);
        var run = await CliRun.PlainAsync("status", "--http", daemon.Address);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(line, run.Out, StringComparison.Ordinal);
        Assert.Contains("✓ ready  datalayerd 0.1.0 at " + daemon.Address + "  up 3.5 s, 100 MiB resident, data in /d", run.Out, StringComparison.Ordinal);
        Assert.Contains("  rejected       7  bad content 7\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("hot store  1 MiB  2 MiB  50 %  wait\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("lake    healthy  position 12, stored 4 KiB, lag 250 ms\n", run.Out, StringComparison.Ordinal);
    }
}
