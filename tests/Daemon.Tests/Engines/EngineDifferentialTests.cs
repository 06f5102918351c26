using System.Net;
using System.Text.Json;
using DataLayer.Protocol;
using DataLayer.Servers;
using Xunit;

namespace DataLayer.Daemon.Tests.Engines;

/// <summary>The same data in the lake and in every database, the same questions to each: the same answers, to the byte where sums are exact.</summary>
public sealed class EngineDifferentialTests
{
    // 2026-03-01T10:00:00Z
    private const long T0 = 1_772_359_200_000_000L;
    private const long Second = 1_000_000L;

    private static readonly string[] Questions =
    [
        "samples?name=temp&start=1772359200&end=1772366400",
        "samples?name=temp&start=1772359213.5&end=1772360000&limit=37",
        "samples?name=temp&label.host=h3&start=1772359200&end=1772366400&format=csv",
        "samples?start=1772359200&end=1772366400&step=1m&agg=avg",
        "samples?name=temp&start=1772359200&end=1772366400&step=1h&agg=max",
        "samples?name=temp&start=1772359230&end=1772366390&step=5m&agg=sum",
        "samples?name=temp&start=1772359230&end=1772366390&step=7s&agg=count",
        "samples?name=temp&start=1772359200&end=1772366400&agg=first",
        "samples?name=temp&start=1772359200&end=1772366400&step=10m&agg=last",
        "samples?name=count&start=1772359200&end=1772366400&step=10m&agg=rate",
        "samples?name=temp&start=1772359200&end=1772366400&step=30m&agg=p90",
        "samples?name=temp&start=1772359200&end=1772366400&step=1m&agg=avg&by=zone",
        "samples?name=temp&start=1772359200&end=1772366400&agg=sum&top=3",
        "samples?name=odd&start=1772359200&end=1772366400",
        "samples?name=old&start=0&end=4000000&step=1h&agg=min",
        "latest?name=temp",
        "latest",
    ];

    private static readonly string[] EventQuestions =
    [
        "events?start=1772359200&end=1772366400",
        "events?start=1772359200&end=1772366400&type=deploy&limit=3",
        "events?start=1772359200&end=1772366400&within=45,5%3B45,15%3B55,15%3B55,5",
    ];

    [Fact]
    public async Task Questions_toEveryEngine_haveTheLakesAnswers()
    {
        await using var postgres = await new PostgresServer().CreateAsync();
        await using var clickHouse = new ClickHouseServer();
        await using var mongo = new MongoServer();
        await using var redis = new RedisServer();
        await Task.WhenAll(clickHouse.StartAsync(), mongo.StartAsync(), redis.StartAsync());
        string[] names = ["postgres", "clickhouse", "mongo", "redis"];
        await using var daemon = await DaemonProcess.StartAsync(
            null,
            [.. new[] { postgres.ConnectionString(), clickHouse.ConnectionString, mongo.ConnectionString, redis.Address }
                .SelectMany((connection, at) => new[] { "--set", $"Engines:{at}:Kind={names[at]}", "--set", $"Engines:{at}:ConnectionString={connection}" }),
                "--set", "Lake:FlushInterval=1s"]);
        await SendAsync(daemon, seed: 20261124);

        // The record that tells the lake's generations apart is itself behind the lake's position.
        await daemon.StatusWhenAsync(status => status.GetProperty("engines").EnumerateArray().All(engine =>
            engine.GetProperty("lag").GetInt64() <= (engine.GetProperty("name").GetString() == "lake" ? 1 : 0) && engine.GetProperty("state").GetString() == "healthy"));
        var differences = new List<string>();
        foreach (var question in Questions)
        {
            var (status, expected) = await daemon.GetAsync($"/api/v1/{question}&engine=lake".Replace("latest&", "latest?", StringComparison.Ordinal));
            Assert.True(status == HttpStatusCode.OK, $"{question}: {expected}");
            Assert.True(expected.Length > 60, $"{question}: the lake answers nothing, so there is nothing to compare: {expected}");
            foreach (var name in names)
            {
                if (name == "redis" && !question.StartsWith("latest", StringComparison.Ordinal)) continue; // Keeps the last sample alone, as configured here.
                var (code, answer) = await daemon.GetAsync($"/api/v1/{question}&engine={name}".Replace("latest&", "latest?", StringComparison.Ordinal));
                if (code != HttpStatusCode.OK || Normal(answer) != Normal(expected)) differences.Add($"{name}: {question}\n  {Clip(answer)}\n  {Clip(expected)}");
            }
        }

        foreach (var question in EventQuestions)
        {
            var (_, expected) = await daemon.GetAsync($"/api/v1/{question}");
            Assert.Contains("\"id\"", expected, StringComparison.Ordinal);
            var (_, answer) = await daemon.GetAsync($"/api/v1/{question}&engine=mongo");
            if (Normal(answer) != Normal(expected)) differences.Add($"mongo: {question}\n  {Clip(answer)}\n  {Clip(expected)}");
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    /// <summary>Batches of many series with late samples, corrections, odd values and times of 1970. Values are whole quarters, so that sums are exact in any order.</summary>
    private static async Task SendAsync(DaemonProcess daemon, int seed)
    {
        var random = new Random(seed);
        using var client = await daemon.ConnectAsync();
        for (var round = 0; round < 40; round++)
        {
            using var writer = new MsgPackWriter();
            for (var at = 0; at < 300; at++)
            {
                var host = random.Next(12);
                var time = T0 + (round * 150 * Second) + (random.Next(200) * Second) + random.Next(3);
                MessageEncoder.WriteLine(writer, "temp", [new("host", $"h{host}"), new("zone", host % 3 == 0 ? "ü/1" : "b")], time, random.Next(-400, 400) / 4.0);
                if (at % 10 == 0) MessageEncoder.WriteLine(writer, "count", [new("host", $"h{host}")], T0 + (round * 150 * Second) + (at * Second / 4), (round * 1000) + at);
            }

            MessageEncoder.WriteLine(writer, "old", [], round * 3_600_000_000L * 24, round);
            await Wire.SendAndAwaitAckAsync(client, writer.Written.ToArray());
        }

        await SendEventsAsync(client, random);
        double[] odd = [-0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue, 1 / 3.0];
        using var last = new MsgPackWriter();
        for (var at = 0; at < odd.Length; at++) MessageEncoder.WriteLine(last, "odd", [], T0 + at, odd[at]);
        await Wire.SendAndAwaitAckAsync(client, last.Written.ToArray());
    }

    /// <summary>Forty events, some of which come twice, the second time with other contents.</summary>
    private static async Task SendEventsAsync(System.Net.Sockets.TcpClient client, Random random)
    {
        using var writer = new MsgPackWriter();
        for (var at = 0; at < 40; at++)
        {
            using var document = new MsgPackWriter();
            document.WriteMapHeader(5);
            document.WriteString("id");
            document.WriteString($"e-{at % 30}");
            document.WriteString("lat");
            document.Write(random.Next(40 * 64, 60 * 64) / 64.0);
            document.WriteString("lon");
            document.Write(random.Next(0, 20 * 64) / 64.0);
            document.WriteString("text");
            document.WriteString("déjà \"vu\"");
            document.WriteString("list");
            document.WriteArrayHeader(2);
            document.Write(at);
            document.Write(true);
            MessageEncoder.WriteEvent(writer, at % 3 == 0 ? "deploy" : "alarm", "ci", T0 + (at % 30 * Second), document.Written);
        }

        await Wire.SendAndAwaitAckAsync(client, writer.Written.ToArray());
    }

    /// <summary>JSON in one form.</summary>
    private static string Normal(string answer)
    {
        if (!answer.StartsWith('{')) return answer;
        using var json = JsonDocument.Parse(answer);
        return JsonSerializer.Serialize(json.RootElement);
    }

    private static string Clip(string text) => text.Length > 700 ? text[..700] + "…" : text;
}
