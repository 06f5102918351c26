using System.Text;
using DataLayer.Daemon.Hosting;
using DataLayer.Daemon.Options;
using DataLayer.Query;
using DataLayer.Query.Sql;

namespace DataLayer.Daemon.Http;

/// <summary>Samples, last values, series, events and SQL over HTTP: parameters in, the query services' answers out, errors as JSON with a fitting status.</summary>
internal sealed class QueryRoutes(DaemonNode node, DaemonOptions options, TimeProvider time, ILogger<QueryRoutes> logger)
{
    /// <summary>A statement is written by a person or a tool: a longer one is a mistake.</summary>
    private const int MaxSqlBytes = 1 << 20;

    // nginx's number for "client closed request"; nobody is left to read it but the log.
    private const int ClientClosedRequest = 499;

    public void Map(WebApplication app)
    {
        app.MapGet("/api/v1/samples", Query((context, cancellation) =>
            node.Queries.SamplesAsync(QueryParameters.Samples(context.Request.Query, time.GetUtcNow()), TabularFormat(context), context.Response.BodyWriter, cancellation)));
        app.MapGet("/api/v1/latest", Query((context, cancellation) =>
            node.Queries.LatestAsync(QueryParameters.Latest(context.Request.Query), TabularFormat(context), context.Response.BodyWriter, cancellation)));
        app.MapGet("/api/v1/series", Query((context, cancellation) =>
            node.Queries.SeriesAsync(QueryParameters.Series(context.Request.Query), TabularFormat(context), context.Response.BodyWriter, cancellation)));
        app.MapGet("/api/v1/cardinality", Query((context, cancellation) =>
            node.Queries.CardinalityAsync(QueryParameters.Series(context.Request.Query), TabularFormat(context), context.Response.BodyWriter, cancellation)));
        app.MapGet("/api/v1/events", Query((context, cancellation) =>
        {
            context.Response.ContentType = "application/json";
            return node.Queries.EventsAsync(EventParameters.Query(context.Request.Query, time.GetUtcNow()), QueryParameters.Text(context.Request.Query, "engine"), context.Response.BodyWriter, cancellation);
        }));
        app.MapPost("/api/v1/sql", Query(SqlAsync));
    }

    /// <summary>The edge of a request: readiness, time limit, and every way a query can fail.</summary>
    private RequestDelegate Query(Func<HttpContext, CancellationToken, Task> answer) => async context =>
    {
        if (node.State != NodeState.Ready)
        {
            await JsonAnswer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", $"the daemon is {node.State.ToString().ToLowerInvariant()}", retryAfterSeconds: 1);
            return;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(options.Query.Timeout);
        try
        {
            await answer(context, deadline.Token);
        }
        catch (QueryException error) when (error.Kind == QueryErrorKind.Cancelled && !context.RequestAborted.IsCancellationRequested)
        {
            await TimeoutAsync(context);
        }
        catch (QueryException error)
        {
            await JsonAnswer.ErrorAsync(context, StatusOf(error.Kind), KindOf(error.Kind), error.Message, error.Kind == QueryErrorKind.Unavailable ? 1 : null);
        }
        catch (BadHttpRequestException error)
        {
            await JsonAnswer.ErrorAsync(context, error.StatusCode, "bad_request", error.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = ClientClosedRequest;
        }
        catch (OperationCanceledException)
        {
            await TimeoutAsync(context);
        }
        catch (Exception error)
        {
            Log.RequestFailed(logger, context.Request.Path, error);
            await JsonAnswer.ErrorAsync(context, StatusCodes.Status500InternalServerError, "internal", "the daemon failed to answer; its log says why");
        }
    };

    private Task TimeoutAsync(HttpContext context) =>
        JsonAnswer.ErrorAsync(context, StatusOf(QueryErrorKind.Timeout), KindOf(QueryErrorKind.Timeout), $"the query took longer than {options.Query.Timeout.TotalSeconds:0.#} s; ask for less, or raise DataLayer:Query:Timeout");

    private async Task SqlAsync(HttpContext context, CancellationToken cancellation)
    {
        var format = SqlFormatOf(context.Request);
        var sql = await ReadTextAsync(context.Request, cancellation);
        context.Response.ContentType = format switch
        {
            SqlFormat.Csv => "text/csv; charset=utf-8",
            SqlFormat.Arrow => "application/vnd.apache.arrow.stream",
            _ => "application/json",
        };
        await node.Sql.ExecuteAsync(sql, format, context.Response.BodyWriter, cancellation);
    }

    private static SqlFormat SqlFormatOf(HttpRequest request)
    {
        var asked = QueryParameters.Text(request.Query, "format") ?? request.Headers.Accept.ToString();
        if (asked.Contains("arrow", StringComparison.OrdinalIgnoreCase)) return SqlFormat.Arrow;
        return asked.Contains("csv", StringComparison.OrdinalIgnoreCase) ? SqlFormat.Csv : SqlFormat.Json;
    }

    private static async Task<string> ReadTextAsync(HttpRequest request, CancellationToken cancellation)
    {
        var bytes = new MemoryStream();
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellation);
            foreach (var memory in read.Buffer) bytes.Write(memory.Span);
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (bytes.Length > MaxSqlBytes) throw new QueryException(QueryErrorKind.TooMuch, $"the statement is longer than {MaxSqlBytes} bytes");
            if (read.IsCompleted) break;
        }

        if (bytes.Length == 0) throw QueryException.BadRequest("the body is empty: send the SQL statement as the body");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
        catch (DecoderFallbackException)
        {
            throw QueryException.BadRequest("the statement is not UTF-8");
        }
    }

    private static ResultFormat TabularFormat(HttpContext context)
    {
        var format = QueryParameters.Format(context.Request);
        context.Response.ContentType = format == ResultFormat.Csv ? "text/csv; charset=utf-8" : "application/json";
        return format;
    }

    private static int StatusOf(QueryErrorKind kind) => kind switch
    {
        QueryErrorKind.BadRequest => StatusCodes.Status400BadRequest,
        QueryErrorKind.NotFound => StatusCodes.Status404NotFound,
        QueryErrorKind.TooMuch => StatusCodes.Status413PayloadTooLarge,
        QueryErrorKind.Timeout => StatusCodes.Status504GatewayTimeout,
        QueryErrorKind.Cancelled => ClientClosedRequest,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    private static string KindOf(QueryErrorKind kind) => kind switch
    {
        QueryErrorKind.BadRequest => "bad_request",
        QueryErrorKind.NotFound => "not_found",
        QueryErrorKind.TooMuch => "too_much",
        QueryErrorKind.Timeout => "timeout",
        QueryErrorKind.Cancelled => "cancelled",
        _ => "unavailable",
    };
}
