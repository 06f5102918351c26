using DataLayer.Servers;

[assembly: AssemblyFixture(typeof(DataLayer.Engines.Tests.Redis.RedisFixture))]

namespace DataLayer.Engines.Tests.Redis;

/// <summary>One server for all tests that do it no harm; each has a key prefix of its own.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _starting = new(1);
    private int _prefixes;

    public RedisServer Server { get; } = new();

    /// <summary>Started by the first test that needs it.</summary>
    public async Task<RedisServer> StartedAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (!Server.IsRunning) await Server.StartAsync();
            return Server;
        }
        finally
        {
            _starting.Release();
        }
    }

    public string NextPrefix() => $"test{Interlocked.Increment(ref _prefixes)}:";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _starting.Dispose();
    }
}
