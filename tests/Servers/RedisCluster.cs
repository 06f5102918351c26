using System.Globalization;

namespace DataLayer.Servers;

/// <summary>Three masters of Redis, and a replica of each where asked for. Owned by one test.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Masters = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly int _replicas;

    /// <param name="replicas">0 or 1 for each master.</param>
    /// <param name="arguments">Further arguments of each node.</param>
    public RedisCluster(int replicas = 0, params string[] arguments)
    {
        _replicas = replicas;
        Nodes = [.. Enumerable.Range(0, Masters * (1 + replicas)).Select(_ => new RedisServer(
            [.. arguments, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "1000", "--cluster-port", RedisServer.NextPort().ToString(CultureInfo.InvariantCulture), "--repl-diskless-sync-delay", "0"]))];
    }

    public IReadOnlyList<RedisServer> Nodes { get; }

    public string Addresses => string.Join(',', Nodes.Select(node => node.Address));

    public async Task StartAsync()
    {
        await Task.WhenAll(Nodes.Select(node => node.StartAsync()));
        var answer = await Nodes[0].CliAsync(["--cluster", "create", .. Nodes.Select(node => node.Address), "--cluster-replicas", _replicas.ToString(CultureInfo.InvariantCulture), "--cluster-yes"]);
        if (!answer.Contains("All 16384 slots covered", StringComparison.Ordinal)) throw new InvalidOperationException($"The cluster was not made:\n{answer}");
        await UntilWholeAsync();
        if (_replicas == 0) return;
        await UntilAsync(async () => (await Task.WhenAll(Nodes.Select(node => node.CliAsync("INFO", "replication")))).All(info => info.Contains("role:master", StringComparison.Ordinal)
            ? info.Contains("state=online", StringComparison.Ordinal)
            : info.Contains("master_link_status:up", StringComparison.Ordinal)), "the replicas have caught up");
    }

    /// <summary>Until every node sees the whole cluster.</summary>
    public Task UntilWholeAsync() => UntilAsync(
        async () => (await Task.WhenAll(Nodes.Select(node => node.CliAsync("CLUSTER", "INFO")))).All(info => info.Contains("cluster_state:ok", StringComparison.Ordinal)), "every node sees the whole cluster");

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            if (patience.IsCancellationRequested) throw new TimeoutException($"Not after {Patience.TotalSeconds:0} s: {what}.");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));
}
