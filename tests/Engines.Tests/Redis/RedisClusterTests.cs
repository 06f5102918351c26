using DataLayer.Engines.Redis;
using DataLayer.Servers;
using StackExchange.Redis;

namespace DataLayer.Engines.Tests.Redis;

/// <summary>A cluster of three masters: metrics lie on all of them, nodes die, slots move.</summary>
public sealed class RedisClusterTests
{
    private const int Series = 32;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_node_killed_and_back_holds_exactly_what_was_acked()
    {
        await using var cluster = new RedisCluster(0, RedisServer.Durable);
        await cluster.StartAsync();
        var log = new RedisLog(Series);
        await using var engine = Engine(cluster);
        await engine.OpenAsync(Token);
        await log.WriteNextAsync(engine);
        var killing = KillAndStartAsync(cluster.Nodes[1]);
        do await log.WriteNextAsync(engine);
        while (!killing.IsCompleted);
        await killing;
        await log.WriteNextAsync(engine);
        await log.AssertStoredAsync(() => Engine(cluster));
        Assert.Contains("cluster with 3 masters", string.Join('\n', await engine.DescribeAsync(Token)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_slots_move_meanwhile_stores_each_sample_once()
    {
        await using var cluster = new RedisCluster();
        await cluster.StartAsync();
        var log = new RedisLog(Series);
        await using var engine = Engine(cluster);
        await engine.OpenAsync(Token);
        await log.WriteNextAsync(engine);
        var (from, to) = (await cluster.Nodes[0].CliAsync("CLUSTER", "MYID"), await cluster.Nodes[1].CliAsync("CLUSTER", "MYID"));
        var moving = cluster.Nodes[0].CliAsync("--cluster", "reshard", cluster.Nodes[0].Address, "--cluster-from", from, "--cluster-to", to, "--cluster-slots", "3000", "--cluster-yes");
        do await log.WriteNextAsync(engine);
        while (!moving.IsCompleted);
        Assert.DoesNotContain("[ERR]", await moving, StringComparison.Ordinal);
        await log.WriteNextAsync(engine);
        await log.AssertStoredAsync(() => Engine(cluster));
    }

    [Fact]
    public async Task WriteAsync_master_killed_goes_on_with_its_replica()
    {
        await using var cluster = new RedisCluster(replicas: 1);
        await cluster.StartAsync();
        var log = new RedisLog(Series);
        await using var engine = Engine(cluster);
        await engine.OpenAsync(Token);
        await log.WriteNextAsync(engine);
        await cluster.Nodes[2].KillAsync();
        await log.WriteNextAsync(engine);
        await log.WriteNextAsync(engine);
        await log.AssertStoredAsync(() => Engine(cluster));
    }

    [Fact]
    public async Task WriteAsync_node_came_back_empty_says_what_is_lost()
    {
        await using var cluster = new RedisCluster();
        await cluster.StartAsync();
        var log = new RedisLog(Series);
        await using var engine = Engine(cluster);
        await engine.OpenAsync(Token);
        await log.WriteNextAsync(engine);
        await KillAndStartAsync(cluster.Nodes[0]);
        await cluster.UntilWholeAsync();
        await using var other = Engine(cluster);
        await other.OpenAsync(Token);
        Assert.Equal(0, other.Position);
        Assert.Contains("ranges of slots", other.Health.Detail, StringComparison.Ordinal);
        await log.WriteNextAsync(engine);
        await log.AssertStoredAsync(() => Engine(cluster));
    }

    [Fact]
    public async Task WriteAsync_sharded_channels_reach_a_subscriber_of_the_node()
    {
        await using var cluster = new RedisCluster();
        await cluster.StartAsync();
        await using var engine = Engine(cluster, ("ShardedChannels", "true"));
        await engine.OpenAsync(Token);
        using var subscriber = await ConnectionMultiplexer.ConnectAsync(cluster.Addresses);
        var messages = await subscriber.GetSubscriber().SubscribeAsync(RedisChannel.Sharded("f:changes:{m3}"));
        await new RedisLog(Series).WriteNextAsync(engine);
        var first = await messages.ReadAsync(Token);
        Assert.StartsWith(SeriesId.Of(new MemoryCatalog(Series).KeyOf(3)) + " ", first.Message.ToString(), StringComparison.Ordinal);
    }

    private static RedisEngine Engine(RedisCluster cluster, params (string Name, string Value)[] settings) =>
        RedisEngines.Create(cluster.Addresses, "f:", new MemoryCatalog(Series), timeout: TimeSpan.FromSeconds(5), settings: settings);

    private static async Task KillAndStartAsync(RedisServer node)
    {
        await node.KillAsync();
        await node.StartAsync();
    }
}
