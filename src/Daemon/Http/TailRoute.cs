using DataLayer.Daemon.Hosting;
using DataLayer.Daemon.Options;
using DataLayer.Query;

namespace DataLayer.Daemon.Http;

/// <summary>
/// <c>GET /api/v1/tail?name=…&amp;label.KEY=VALUE</c>: samples as they arrive, one JSON object per line, or server-sent events where Accept asks for them.
/// Looks into the hot store four times a second, so the hot path knows nothing of it.
/// </summary>
internal sealed class TailRoute(DaemonNode node, DaemonOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Fast enough to look live, slow enough to cost nothing.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private int _open;
    private long _dropped;

    public int Open => Volatile.Read(ref _open);

    /// <summary>Samples that slow readers did not get.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public async Task HandleAsync(HttpContext context)
    {
        if (node.NotReady is { } why)
        {
            await JsonAnswer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", why, retryAfterSeconds: 1);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _open) > options.Web.MaxTails)
            {
                await JsonAnswer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", $"there are {options.Web.MaxTails} live tails already (DataLayer:Web:MaxTails)", retryAfterSeconds: 5);
                return;
            }

            await FollowAsync(context);
        }
        catch (QueryException error)
        {
            await JsonAnswer.ErrorAsync(context, error.Kind == QueryErrorKind.TooMuch ? 413 : 400, error.Kind == QueryErrorKind.TooMuch ? "too_much" : "bad_request", error.Message);
        }
        catch (OperationCanceledException)
        {
            // The reader has gone, or the daemon stops: a tail has no other end.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task FollowAsync(HttpContext context)
    {
        QueryParameters.Allow(context.Request.Query, "name");
        var events = context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var nowMicros = TimeExpression.ToMicros(time.GetUtcNow());
        using var follower = new TailFollower(node.Pipeline, QueryParameters.Text(context.Request.Query, "name"), QueryParameters.Labels(context.Request.Query), nowMicros, options.Web.TailBufferSamples);
        follower.Refresh();
        context.Response.ContentType = events ? "text/event-stream" : "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";

        // The reader learns at once that it is followed, not with the first sample.
        await context.Response.BodyWriter.FlushAsync(ends.Token);

        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(ends.Token))
        {
            var droppedBefore = follower.Dropped;
            if (!follower.WriteNew(context.Response.BodyWriter, events)) continue;
            Interlocked.Add(ref _dropped, follower.Dropped - droppedBefore);
            await context.Response.BodyWriter.FlushAsync(ends.Token);
        }
    }
}
