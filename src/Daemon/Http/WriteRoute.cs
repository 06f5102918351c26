using System.Text.Json;
using DataLayer.Daemon.Hosting;
using DataLayer.Daemon.Options;
using DataLayer.Daemon.Tcp;
using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;

namespace DataLayer.Daemon.Http;

/// <summary>
/// <c>POST /api/v1/write</c>: a body of messages through a session of its own. The answer comes when all that was accepted is durable, and says how much
/// that was, also where the body broke off: what came before the fault is stored.
/// </summary>
internal sealed class WriteRoute(DaemonNode node, DaemonOptions options, ILogger<WriteRoute> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (node.State != NodeState.Ready)
        {
            await JsonAnswer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", $"the daemon is {node.State.ToString().ToLowerInvariant()}", retryAfterSeconds: 1);
            return;
        }

        using var session = new Session(node.Sessions, SessionKind.Http, Nobody.Instance, context.Connection.RemoteIpAddress?.ToString() ?? "unknown");
        var (status, fault) = await TakeAsync(context, session);
        if (status == StatusCodes.Status499ClientClosedRequest) return;
        await AnswerAsync(context, session, status, fault);
    }

    private async Task<(int Status, string? Fault)> TakeAsync(HttpContext context, Session session)
    {
        var (status, fault) = (StatusCodes.Status200OK, (string?)null);
        try
        {
            if (await SessionPump.RunAsync(context.Request.BodyReader, session, stop => WaitWithPatience(session, stop), context.RequestAborted) == SessionStatus.Closed) status = StatusCodes.Status400BadRequest;
        }
        catch (BadHttpRequestException error)
        {
            (status, fault) = (error.StatusCode, error.Message);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            (status, fault) = (StatusCodes.Status429TooManyRequests, "the daemon is overloaded: send again what was not accepted");
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or Microsoft.AspNetCore.Connections.ConnectionResetException)
        {
            return (StatusCodes.Status499ClientClosedRequest, null);
        }
        catch (Exception error)
        {
            Log.RequestFailed(logger, context.Request.Path, error);
            (status, fault) = (StatusCodes.Status500InternalServerError, "the daemon failed to take the body; its log says why");
        }

        await session.WhenAllDurableAsync(context.RequestAborted);
        return (status, fault);
    }

    /// <summary>A body that makes no progress against a full ring for so long is told to come again: what was accepted stays.</summary>
    private async ValueTask WaitWithPatience(Session session, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.Query.Timeout);
        await session.WaitForCapacityAsync(patience.Token);
    }

    private static Task AnswerAsync(HttpContext context, Session session, int status, string? fault)
    {
        var summary = session.Summary;
        if (status == StatusCodes.Status200OK && summary.Accepted == 0 && session.Counters.EventsPublished == 0 && summary.FirstCode is ErrorCode.StorageFull or ErrorCode.Stopping) status = StatusCodes.Status503ServiceUnavailable;
        if (status == StatusCodes.Status400BadRequest && summary.FirstCode == ErrorCode.NotAllowed) status = StatusCodes.Status401Unauthorized;
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "1";
        return JsonAnswer.WriteAsync(context, status, json => Write(json, session, summary, status, fault));
    }

    private static void Write(Utf8JsonWriter json, Session session, SessionSummary summary, int status, string? fault)
    {
        // Published, not "about to be": what a full ring kept out was not accepted.
        json.WriteNumber("accepted", session.Counters.Published);
        json.WriteStartObject("rejected");
        for (var reason = 0; reason < IngestCounters.RejectReasons; reason++)
        {
            if (session.Counters.Rejected[reason] > 0) json.WriteNumber(SnakeCase.Of((RejectReason)reason), session.Counters.Rejected[reason]);
        }

        json.WriteEndObject();
        if (session.Counters.EventsReceived > 0) WriteEvents(json, session.Counters);
        if (summary.FirstError is { } first)
        {
            json.WriteStartObject("firstError");
            json.WriteNumber("code", (int)summary.FirstCode);
            json.WriteString("text", first);
            json.WriteEndObject();
        }

        if (status == StatusCodes.Status200OK) return;
        json.WriteStartObject("error");
        json.WriteString("kind", KindOf(status));
        json.WriteString("message", fault ?? summary.FirstError ?? "refused");
        json.WriteEndObject();
    }

    private static void WriteEvents(Utf8JsonWriter json, IngestCounters counters)
    {
        json.WriteStartObject("events");
        json.WriteNumber("accepted", counters.EventsPublished);
        json.WriteStartObject("rejected");
        for (var reason = 0; reason < IngestCounters.RejectReasons; reason++)
        {
            if (counters.EventsRejected[reason] > 0) json.WriteNumber(SnakeCase.Of((RejectReason)reason), counters.EventsRejected[reason]);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string KindOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "bad_request",
        StatusCodes.Status401Unauthorized => "not_allowed",
        StatusCodes.Status413PayloadTooLarge => "too_much",
        StatusCodes.Status429TooManyRequests => "overloaded",
        StatusCodes.Status503ServiceUnavailable => "unavailable",
        StatusCodes.Status500InternalServerError => "internal",
        _ => "bad_request",
    };

    /// <summary>Answers of the protocol (acks, errors) have no place in an HTTP answer; the summary says the same.</summary>
    private sealed class Nobody : ISessionOutput
    {
        public static Nobody Instance { get; } = new();

        public void Send(ReadOnlySpan<byte> messages)
        {
        }
    }
}
