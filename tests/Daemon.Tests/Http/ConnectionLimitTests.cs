using System.Net.Sockets;
using System.Text;
using Xunit;

namespace DataLayer.Daemon.Tests.Http;

public sealed class ConnectionLimitTests
{
    /// <summary>The fixture's own client holds one of the three.</summary>
    [Fact]
    public async Task Connections_pastTheLimit_areClosed_untilOthersEnd()
    {
        await using var daemon = await DaemonProcess.StartAsync(null, "--set", "Web:MaxConnections=3");
        await daemon.GetAsync("/health");
        using var first = await ConnectAsync(daemon);
        using (var second = await ConnectAsync(daemon))
        {
            Assert.True(await IsServedAsync(first));
            Assert.True(await IsServedAsync(second));
            Assert.False(await IsServedAsync(daemon));
        }

        // The end of a connection reaches the daemon a moment later.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (await IsServedAsync(daemon)) break;
        }

        Assert.True(await IsServedAsync(first));
    }

    private static async Task<TcpClient> ConnectAsync(DaemonProcess daemon)
    {
        var client = new TcpClient();
        await client.ConnectAsync(daemon.Http);
        return client;
    }

    private static async Task<bool> IsServedAsync(DaemonProcess daemon)
    {
        try
        {
            using var client = await ConnectAsync(daemon);
            return await IsServedAsync(client);
        }
        catch (SocketException)
        {
            return false; // Reset before the connecting was over.
        }
    }

    private static async Task<bool> IsServedAsync(TcpClient client)
    {
        try
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"));
            return await client.GetStream().ReadAsync(new byte[4096]) > 0;
        }
        catch (IOException)
        {
            return false; // Reset.
        }
    }
}
