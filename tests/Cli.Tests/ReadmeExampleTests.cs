using DataLayer.Client;
using Xunit;

namespace DataLayer.Cli.Tests;

/// <summary>The README's C# example: the very lines, compiled here and run against a real daemon.</summary>
public sealed class ReadmeExampleTests
{
    [Fact]
    public async Task Example_stores_and_queries()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        var shown = new StringWriter { NewLine = "\n" };
        await ExampleAsync(daemon.Ingest, daemon.Http, shown);
        Assert.Matches(@"^2 accepted, 0 refused\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ 21\.5\nready\n$", shown.ToString());
    }

    [Fact]
    public async Task Example_is_the_readmes()
    {
        var source = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "tests", "Cli.Tests", "ReadmeExampleTests.cs"));
        var lines = source.SkipWhile(l => l.Trim() != "// README begins").Skip(1).TakeWhile(l => l.Trim() != "// README ends");
        var example = string.Join('\n', lines.Select(l => l.Length >= 8 ? l[8..] : l));
        Assert.NotEmpty(example);
        Assert.Contains("```csharp\n" + example + "\n```", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md")), StringComparison.Ordinal);
    }

    private static async Task ExampleAsync(string ingest, string http, TextWriter output)
    {
        // README begins
        await using var client = new DataLayerClient(new DataLayerClientOptions { Ingest = ingest, Http = http, Agent = "thermometer-1" });

        var stored = await client.StoreAsync(
        [
            new MetricSample("room_temperature", 21.5, new Dictionary<string, string> { ["room"] = "attic" }),
            new MetricSample("room_humidity", 0.45) { QualityScore = 0.9 },
        ]);
        output.WriteLine($"{stored.Accepted} accepted, {stored.Rejected} refused");    // They are on the daemon's disk now.

        var now = DateTimeOffset.UtcNow;
        var labels = new Dictionary<string, string> { ["room"] = "attic" };
        var answer = await client.QueryAsync("room_temperature", now.AddHours(-1), now.AddSeconds(1), labels, TimeSpan.FromMinutes(1), "max");
        foreach (var point in answer.Series.SelectMany(s => s.Samples)) output.WriteLine($"{point.Time:u} {point.Value}");

        var health = await client.GetHealthAsync();
        output.WriteLine(health.IsReady ? "ready" : health.Text);
        // README ends
    }
}
