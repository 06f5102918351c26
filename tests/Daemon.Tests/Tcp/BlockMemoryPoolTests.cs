using System.Net;
using System.Net.Sockets;
using DataLayer.Daemon.Tcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace DataLayer.Daemon.Tests.Tcp;

public sealed class BlockMemoryPoolTests
{
    private const int BlockBytes = 128 * 1024;

    [Fact]
    public void Rent_ofFewBytes_givesAWholeBlockAndTakesItBackOnce()
    {
        var pool = new BlockMemoryPool(BlockBytes, maxFreeBlocks: 1);
        var block = pool.Rent(1);
        Assert.Equal(BlockBytes, block.Memory.Length);
        Assert.Equal(1, pool.Rented);
        block.Dispose();
        block.Dispose();
        Assert.Equal(0, pool.Rented);
        Assert.Same(block, pool.Rent());
        Assert.NotSame(block, pool.Rent());
    }

    [Fact]
    public void Rent_ofMoreThanABlock_isRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new BlockMemoryPool(4096, 1).Rent(4097));

    [Fact]
    public async Task Kestrel_withThePool_receivesFarMoreThan4KiBAtOnce()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var pool = new BlockMemoryPool(BlockBytes, maxFreeBlocks: 8);
        var recorder = new Recorder();
        ListenOptions listening = null!;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.UseConnectionHandler<Recorder>();
            listening = listen;
        }));
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(new BlockMemoryPoolFactory(pool)).AddSingleton(recorder);
        await using var app = builder.Build();
        await app.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listening.EndPoint);
        await client.GetStream().WriteAsync(new byte[4 << 20]);
        client.Client.Shutdown(SocketShutdown.Send);
        var largest = await recorder.Largest.Task;

        Assert.True(largest > 32 * 1024, $"the largest segment was {largest} bytes");
        await app.StopAsync();
        Assert.Equal(0, pool.Rented);
    }

    private sealed class Recorder : ConnectionHandler
    {
        public TaskCompletionSource<int> Largest { get; } = new();

        public override async Task OnConnectedAsync(ConnectionContext connection)
        {
            var largest = 0;
            while (true)
            {
                var read = await connection.Transport.Input.ReadAsync();
                foreach (var segment in read.Buffer) largest = Math.Max(largest, segment.Length);
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) break;
            }

            Largest.SetResult(largest);
        }
    }
}
