using Xunit;

namespace DataLayer.Cli.Tests;

public sealed class QueryCommandTests
{
    private const string TwoSeries = """
        {"series":[
          {"name":"cpu","labels":{"host":"a","core":"0"},"samples":[[1763899200,0.25],[1763899260.5,12.333333333333334]]},
          {"name":"cpu","labels":{"host":"a","core":"1"},"samples":[[1763899200,"NaN"],[1763899260,1e300]]}],"truncated":false}
        """;

    [Fact]
    public async Task Query_not_a_terminal_has_all_labels_and_exact_values()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/samples", TwoSeries);
        var run = await CliRun.PlainAsync("query", "cpu", "--http", daemon.Address);
        Assert.Equal(
            """
            time                    core  host               value
            2025-11-23T12:00:00Z    0     a                   0.25
            2025-11-23T12:01:00.5Z  0     a     12.333333333333334
            2025-11-23T12:00:00Z    1     a                    NaN
            2025-11-23T12:01:00Z    1     a                 1E+300

            """,
            run.Out);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Query_terminal_shows_what_differs_under_a_title()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/samples", TwoSeries);
        var run = await CliRun.RunAsync(["query", "cpu", "--http", daemon.Address], isTerminal: true);
        Assert.Equal(
            """
            cpu{host="a"}  2 series
            time (UTC)             core    value
            2025-11-23 12:00:00    0        0.25
            2025-11-23 12:01:00.5  0     12.3333
            2025-11-23 12:00:00    1         NaN
            2025-11-23 12:01:00    1      1e+300

            """,
            run.Out);
    }

    [Fact]
    public async Task Query_csv_has_a_column_for_each_label()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/samples", """{"series":[{"name":"a,b","labels":{"k":"say \"x\""},"samples":[[1.000001,-0]]}],"truncated":false}""");
        var run = await CliRun.PlainAsync("query", "a", "--csv", "--http", daemon.Address);
        Assert.Equal("name,k,time,value\n\"a,b\",\"say \"\"x\"\"\",1970-01-01T00:00:01.000001Z,-0\n", run.Out);
    }

    [Fact]
    public async Task Query_json_is_the_daemons_shape()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/samples", """{ "series":[{"name":"a","labels":{},"samples":[[1763899200.25,"Infinity"]]}], "truncated":true }""");
        var run = await CliRun.PlainAsync("query", "a", "--json", "--http", daemon.Address);
        Assert.Equal("""{"series":[{"name":"a","labels":{},"samples":[[1763899200.25,"Infinity"]]}],"truncated":true}""" + "\n", run.Out);
        Assert.Equal("there is more: raise --limit, shorten the time, or add --step\n", run.Error);
    }

    [Fact]
    public async Task Query_parameters_go_as_they_are()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/samples", TwoSeries);
        await CliRun.PlainAsync(
            "query", "cpu", "-l", "host=a=b&c", "--label", "core=", "--start", "-15m", "--end", "now", "--step", "1m", "--agg", "p99", "--limit", "5", "--http", daemon.Address);
        Assert.Equal("/api/v1/samples?name=cpu&label.host=a=b&c&label.core=&start=-15m&end=now&step=1m&agg=p99&limit=5", Assert.Single(daemon.Requests));
    }

    [Fact]
    public async Task Query_nothing_found_exits_1_and_says_where_to_look()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/samples", """{"series":[],"truncated":false}""");
        var run = await CliRun.PlainAsync("query", "cpu", "--http", daemon.Address);
        Assert.Equal((1, ""), (run.ExitCode, run.Out));
        Assert.Equal("no samples of cpu in this time; `datalayer series cpu` shows what there is\n", run.Error);
    }

    [Fact]
    public async Task Query_refused_by_the_daemon_exits_64_with_its_words()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/samples", """{"error":{"kind":"bad_request","message":"agg: 'p' is not known"}}""", 400);
        var run = await CliRun.PlainAsync("query", "cpu", "--agg", "p", "--http", daemon.Address);
        Assert.Equal((64, "error: agg: 'p' is not known\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Query_chart_one_series_rises_from_the_lower_left_to_the_upper_right()
    {
        var points = string.Join(',', Enumerable.Range(0, 100).Select(i => $"[{1763899200 + (i * 60)},{i * 10}]"));
        using var daemon = new FakeHttp().Answer("/api/v1/samples", $$"""{"series":[{"name":"load","labels":{"host":"a"},"samples":[{{points}}]}],"truncated":false}""");
        var run = await CliRun.RunAsync(["query", "load", "--chart", "--http", daemon.Address], isTerminal: true, width: 60);
        var lines = run.Out.TrimEnd('\n').Split('\n');
        Assert.Equal("load{host=\"a\"}", lines[0]);
        Assert.StartsWith("990 ┤", lines[1], StringComparison.Ordinal);
        Assert.Contains(lines, l => l.StartsWith("495 ┤", StringComparison.Ordinal));
        Assert.StartsWith("  0 ┤⡠", lines[^3], StringComparison.Ordinal);
        Assert.EndsWith("⠊", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("    └───", lines[^2], StringComparison.Ordinal);
        Assert.Matches(@"^     12:00 +12:49 +13:39$", lines[^1]);
        Assert.All(lines, l => Assert.InRange(l.Length, 1, 60));
    }

    [Fact]
    public async Task Query_chart_of_many_series_is_a_line_of_bars_for_each()
    {
        var series = string.Join(',', Enumerable.Range(0, 8).Select(i => $$"""{"name":"cpu","labels":{"core":"{{i}}"},"samples":[[1,0],[2,{{i}}],[3,8]]}"""));
        using var daemon = new FakeHttp().Answer("/api/v1/samples", $$"""{"series":[{{series}}],"truncated":false}""");
        var run = await CliRun.RunAsync(["query", "cpu", "--chart", "--http", daemon.Address], isTerminal: true);
        Assert.Contains("4     ▁▅█    0    8     8", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_control_characters_of_a_label_do_not_reach_the_terminal()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/samples", """{"series":[{"name":"a","labels":{"k":"x\u001b[31m\ny"},"samples":[[1,2]]}],"truncated":false}""");
        var run = await CliRun.RunAsync(["query", "a", "--http", daemon.Address], isTerminal: true);
        Assert.DoesNotContain('\x1b', run.Out);
        Assert.Contains("""a{k="x·[31m·y"}""", run.Out, StringComparison.Ordinal);
    }
}
