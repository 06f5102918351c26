using System.Net;
using System.Net.Sockets;
using Xunit;

namespace DataLayer.Cli.Tests;

public sealed class CliProgramTests
{
    [Theory]
    [InlineData("bogus")]
    [InlineData("query")]
    [InlineData("query", "a", "--limit", "x")]
    [InlineData("query", "a", "--json", "--csv")]
    [InlineData("query", "a", "--label", "novalue")]
    [InlineData("send", "a", "not-a-number")]
    [InlineData("send", "a")]
    [InlineData("send", "a", "1", "--quality", "2")]
    [InlineData("send", "a", "1", "--time", "yesterday")]
    [InlineData("send", "--file", "/no/such/file.csv")]
    [InlineData("send", "--file", "-")]
    [InlineData("status", "--http", "nowhere")]
    [InlineData("status", "--ingest", "127.0.0.1")]
    public async Task RunAsync_wrong_usage_exits_64_on_stderr(params string[] args)
    {
        var run = await CliRun.PlainAsync(args);
        Assert.Equal((64, ""), (run.ExitCode, run.Out));
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--http", "status")]
    [InlineData("--http", "query", "a")]
    [InlineData("--http", "sql", "SELECT 1")]
    [InlineData("--http", "tail")]
    [InlineData("--ingest", "send", "a", "1")]
    public async Task RunAsync_no_daemon_exits_69_and_says_what_to_do(string option, params string[] args)
    {
        var address = FreeAddress();
        var run = await CliRun.PlainAsync([.. args, option, address]);
        Assert.Equal((69, ""), (run.ExitCode, run.Out));
        Assert.Equal($"error: cannot reach the daemon at {address}: connection refused; start it with ./run.sh or set --http and --ingest\n", run.Error);
    }

    [Fact]
    public async Task RunAsync_address_from_the_environment_yields_to_the_option()
    {
        using var daemon = new FakeHttp().Answer("/api/v1/series", """{"series":[{"name":"a","labels":{}}],"total":1,"truncated":false}""");
        var environment = new Dictionary<string, string> { ["DATALAYER_HTTP"] = daemon.Address };
        Assert.Equal("a\n", (await CliRun.RunAsync(["series"], environment: environment)).Out);
        Assert.Equal(69, (await CliRun.RunAsync(["series", "--http", FreeAddress()], environment: environment)).ExitCode);
    }

    [Fact]
    public async Task RunAsync_answer_of_something_else_exits_70()
    {
        using var other = new FakeHttp().Answer("/api/v1/series", "<html>");
        var run = await CliRun.PlainAsync("series", "--http", other.Address);
        Assert.Equal(70, run.ExitCode);
        Assert.Contains("none of DataLayer's", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("send")]
    [InlineData("query")]
    [InlineData("latest")]
    [InlineData("series")]
    [InlineData("sql")]
    [InlineData("tail")]
    [InlineData("status")]
    [InlineData("verify")]
    public async Task RunAsync_help_of_each_command_has_examples(string command)
    {
        var run = await CliRun.PlainAsync(command, "--help");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Examples:\n  datalayer " + command, run.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_version_is_the_assemblys()
    {
        var run = await CliRun.PlainAsync("--version");
        Assert.Matches(@"^datalayer \d+\.\d+\.\d+", run.Out);
    }

    [Fact]
    public async Task RunAsync_suggest_completes_commands()
    {
        var run = await CliRun.PlainAsync("[suggest:11]", "datalayer q");
        Assert.Contains("query", run.Out.Split('\n', StringSplitOptions.TrimEntries));
        Assert.Equal(0, (await CliRun.PlainAsync("completion", "bash")).ExitCode);
    }

    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }
}
