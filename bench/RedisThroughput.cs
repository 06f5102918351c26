using System.Diagnostics;
using System.Globalization;
using DataLayer.Engines;
using DataLayer.Engines.Redis;
using DataLayer.Ingest.Records;
using StackExchange.Redis;

namespace DataLayer.Bench;

/// <summary>
/// <c>bench --redis host:port</c>: the engine beside the bare driver, in one run, on a server that is there. Writes keys <c>bench:*</c>. Batches of 10,000 samples, one of each series.
/// </summary>
internal static class RedisThroughput
{
    private const int Series = 10_000;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string address)
    {
        using var plain = await ConnectionMultiplexer.ConnectAsync(address);
        await BareAsync(plain, "bare driver, HSET of 3 fields, 5,000 in flight", HashPerSeriesAsync);
        var bare = await BareAsync(plain, "bare driver, variadic HSET of 1,000 texts", HashPerMetricAsync);
        foreach (var metrics in (int[])[10, 1_000, 10_000])
        {
            var engine = await EngineAsync(address, metrics, "off", ["latest"]);
            Say($"engine, latest, {metrics} metrics", engine, $", {engine / bare:F2} of the bare variadic HSET");
        }

        Say("engine, latest, each compared", await EngineAsync(address, 10, "off", ["latest"], isLate: true));
        Say("engine, latest and window", await EngineAsync(address, 10, "off", ["latest", "raw"]));
        var received = 0L;
        await plain.GetSubscriber().SubscribeAsync(RedisChannel.Pattern("bench:changes:*"), (_, _) => Interlocked.Increment(ref received));
        var began = Stopwatch.GetTimestamp();
        var published = await EngineAsync(address, 10, "bench:changes:", ["latest"]);

        // A subscriber that is too slow is cut off by the server (client-output-buffer-limit), and misses what it has not read.
        for (var before = -1L; received < _written && received != before; await Task.Delay(500)) before = received;
        Say("engine, latest and messages, one subscriber", published, $", received {received / Stopwatch.GetElapsedTime(began).TotalSeconds / 1000:F0} k/s of {_written}");
        await DelayAsync(address, plain);
        return 0;
    }

    private static long _written;

    private static async Task<double> EngineAsync(string address, int metrics, string channel, string[] takes, bool isLate = false)
    {
        await using var engine = Engine(address, metrics, channel, takes);
        await engine.OpenAsync(default);
        var batch = new OneEach(Series) { IsLate = isLate, EndLsn = engine.Position };
        await WriteAsync(engine, batch);
        var (began, rounds) = (Stopwatch.GetTimestamp(), 0);
        for (; Stopwatch.GetElapsedTime(began) < Long; rounds++) await WriteAsync(engine, batch);
        _written = (rounds + 1L) * Series;
        return rounds * (double)Series / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    // What a subscriber sees at 100,000 samples a second, a batch of 1,000 each 10 ms: from the call of WriteAsync to the message.
    private static async Task DelayAsync(string address, ConnectionMultiplexer plain)
    {
        await plain.GetSubscriber().UnsubscribeAllAsync();
        await using var engine = Engine(address, 10, "bench:delay:", ["latest"]);
        await engine.OpenAsync(default);
        var sent = 0L;
        var delays = new List<double>();
        await plain.GetSubscriber().SubscribeAsync(RedisChannel.Pattern("bench:delay:*"), (_, _) =>
        {
            lock (delays) delays.Add(Stopwatch.GetElapsedTime(Volatile.Read(ref sent)).TotalMilliseconds);
        });
        var batch = new OneEach(1_000) { EndLsn = engine.Position };
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; round < 500; round++)
        {
            while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromMilliseconds(round * 10)) await Task.Delay(1);
            Volatile.Write(ref sent, Stopwatch.GetTimestamp());
            await WriteAsync(engine, batch);
        }

        await Task.Delay(200);
        lock (delays)
        {
            delays.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"message after WriteAsync, 100 k samples/s",-50} p50 {delays[delays.Count / 2]:F2} ms, p99 {delays[delays.Count * 99 / 100]:F2} ms, max {delays[^1]:F2} ms, {delays.Count} of 500000"));
        }
    }

    private static RedisEngine Engine(string address, int metrics, string channel, string[] takes) => new(
        new EngineOptions { Name = "bench", Kind = "redis", ConnectionString = address, Takes = takes, Settings = new Dictionary<string, string> { ["KeyPrefix"] = $"bench:{metrics}:{channel.Length}:{takes.Length}:", ["Channel"] = channel } },
        new EngineContext(Guid.NewGuid().ToString(), new ManyMetrics(Series, metrics), TimeProvider.System));

    private static async Task WriteAsync(RedisEngine engine, OneEach batch)
    {
        batch.Next();
        await engine.WriteAsync(batch, default);
    }

    private static async Task<double> BareAsync(ConnectionMultiplexer plain, string name, Func<IDatabase, Task<long>> round)
    {
        var database = plain.GetDatabase();
        await round(database);
        var (began, done) = (Stopwatch.GetTimestamp(), 0L);
        while (Stopwatch.GetElapsedTime(began) < Long) done += await round(database);
        var rate = done / Stopwatch.GetElapsedTime(began).TotalSeconds;
        Say(name, rate);
        return rate;
    }

    private static async Task<long> HashPerSeriesAsync(IDatabase database)
    {
        var tasks = new List<Task>(5_000);
        for (var series = 0; series < 5_000; series++) tasks.Add(database.HashSetAsync($"bench:bare:{series}", [new("time", 1_772_359_200_000_000L), new("value", series * 0.1), new("version", 1)]));
        await Task.WhenAll(tasks);
        return tasks.Count;
    }

    private static async Task<long> HashPerMetricAsync(IDatabase database)
    {
        var tasks = new List<Task>();
        var entries = new HashEntry[1_000];
        for (var metric = 0; metric < Series / 1_000; metric++)
        {
            for (var at = 0; at < entries.Length; at++)
            {
                var text = new byte[SampleText.MaxBytes];
                entries[at] = new HashEntry(8_000_000_000_000_000_000L + at, text.AsMemory(0, SampleText.Write(text, 1_772_359_200_000_000L, at * 0.1, 1, 1)));
            }

            tasks.Add(database.HashSetAsync($"bench:bare:metric:{metric}", [.. entries]));
        }

        await Task.WhenAll(tasks);
        return Series;
    }

    private static void Say(string name, double rate, string more = "") => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-50} {rate / 1000,8:F0} k/s{more}"));

    /// <summary>A sample of each series, a second later each time.</summary>
    private sealed class OneEach(int series) : ISampleSource
    {
        private int _next;
        private long _time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

        public bool IsLate { get; init; }

        public long AfterLsn { get; private set; }

        public long EndLsn { get; set; }

        public long SampleCount => series;

        public void Next() => (AfterLsn, EndLsn, _time, _next) = (EndLsn, EndLsn + 1, _time + 1_000_000, 0);

        public bool TryNext(SeriesColumns columns)
        {
            columns.Clear();
            if (_next == series) return false;
            columns.Series = _next++;
            columns.BaseTime = IsLate ? _time : _time - 1_000_000;
            columns.Append(_time, columns.Series * 0.1);
            return true;
        }

        public void Reset() => _next = 0;

        public IReadOnlyList<ISampleSource> Split(int parts) => [this];
    }
}
