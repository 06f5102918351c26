using DataLayer.Daemon.Hosting;
using DataLayer.Daemon.Options;
using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace DataLayer.Daemon.Tcp;

/// <summary>An agent's connection from accept to close: bytes into its session, the session's answers back. Kestrel calls it, once per connection.</summary>
internal sealed class IngestConnectionHandler(DaemonNode node, ConnectionTable connections, DaemonOptions options, TimeProvider time, ILogger<IngestConnectionHandler> logger)
    : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var entry = new IngestConnection(connection, time.GetUtcNow());
        if (!connections.TryAdd(entry))
        {
            connection.Abort(new ConnectionAbortedException("too many connections"));
            return;
        }

        try
        {
            entry.ProbeSilence(options.Tcp.KeepAlive);
            await ServeAsync(entry, connection);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            // The peer is gone, or was given up: whatever it had not been acked it sends again.
        }
        catch (Exception error)
        {
            Log.ConnectionFailed(logger, connection.ConnectionId, entry.Peer, error);
        }
        finally
        {
            connections.Remove(entry);
            entry.Session?.Dispose();
        }
    }

    private async Task ServeAsync(IngestConnection entry, ConnectionContext connection)
    {
        var stop = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var onStop = stop.UnsafeRegister(static state => ((ConnectionContext)state!).Transport.Input.CancelPendingRead(), connection);
        await node.Ready.WaitAsync(connection.ConnectionClosed);

        // The first byte is awaited without a session: a silent connection costs no more than its socket.
        var first = await connection.Transport.Input.ReadAsync();
        connection.Transport.Input.AdvanceTo(first.Buffer.Start);
        if (first.Buffer.IsEmpty && first.IsCompleted) return;

        var output = new ConnectionOutput(connection.Transport.Output, options.Tcp.MaxUnreadAnswerBytes, () => connections.GiveUp(entry, "it does not read its answers"));
        if (!first.IsCanceled)
        {
            var session = new Session(node.Sessions, SessionKind.Tcp, output, entry.Peer);
            entry.Session = session;
            var status = await SessionPump.RunAsync(connection.Transport.Input, session, session.WaitForCapacityAsync, connection.ConnectionClosed);

            // A peer that has shut down its sending half still gets the acks of what it sent.
            if (status != SessionStatus.Closed) await session.WhenAllDurableAsync(connection.ConnectionClosed);
        }

        if (stop.IsCancellationRequested) SayStopping(output);
        await output.FlushedAsync();
    }

    private static void SayStopping(ConnectionOutput output)
    {
        using var message = new MsgPackWriter(128);
        MessageEncoder.WriteError(message, 0, ErrorCode.Stopping, "the server is stopping; send again later or elsewhere");
        output.Send(message.Written);
    }
}
