using System.Globalization;
using DataLayer.Engines.Redis;
using DataLayer.Servers;

namespace DataLayer.Engines.Tests.Redis;

/// <summary>A master, its replica, and a Sentinel that promotes it.</summary>
public sealed class RedisSentinelTests
{
    [Fact]
    public async Task WriteAsync_master_killed_goes_on_with_the_promoted_replica()
    {
        var token = TestContext.Current.CancellationToken;
        await using var master = new RedisServer();
        await master.StartAsync();
        await using var replica = new RedisServer("--replicaof", "127.0.0.1", master.Port.ToString(CultureInfo.InvariantCulture), "--repl-diskless-sync-delay", "0");
        await replica.StartAsync();
        await RedisCluster.UntilAsync(async () => (await replica.CliAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal), "the replica has caught up");
        await using var sentinel = new RedisServer
        {
            SentinelOf = string.Create(CultureInfo.InvariantCulture, $"sentinel monitor main 127.0.0.1 {master.Port} 1\nsentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n"),
        };
        await sentinel.StartAsync();
        await RedisCluster.UntilAsync(async () => (await sentinel.CliAsync("SENTINEL", "replicas", "main")).Contains("flags\nslave", StringComparison.Ordinal), "the Sentinel knows the replica");
        RedisEngine Open() => RedisEngines.Create(sentinel.Address + ",serviceName=main", "f:", new MemoryCatalog(8), timeout: TimeSpan.FromSeconds(5));
        var log = new RedisLog(8);
        await using var engine = Open();
        await engine.OpenAsync(token);
        await log.WriteNextAsync(engine);
        await master.KillAsync();
        await log.WriteNextAsync(engine);
        await log.AssertStoredAsync(Open);
        Assert.Contains("role:master", await replica.CliAsync("INFO", "replication"), StringComparison.Ordinal);
    }
}
