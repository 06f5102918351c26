using System.Globalization;
using DataLayer.Daemon.Hosting;
using DataLayer.Daemon.Options;
using DataLayer.Engines;
using DataLayer.Engines.Feed;
using DataLayer.Query;

namespace DataLayer.Daemon.Http;

/// <summary>The fed engines over HTTP: a list, what they refused, and the orders pause, resume, rewind, rebuild, detach and reload.</summary>
internal sealed class EngineRoutes(DaemonNode node, EngineReload reload, ILogger<EngineRoutes> logger)
{
    /// <summary>Dead letters that one answer shows: the newest.</summary>
    private const int LettersMax = 1000;

    public void Map(WebApplication app)
    {
        app.MapGet("/api/v1/engines", (RequestDelegate)ListAsync);
        app.MapPost("/api/v1/engines/reload", (RequestDelegate)ReloadAsync);
        app.MapGet("/api/v1/engines/{name}/dead-letters", (RequestDelegate)DeadLettersAsync);
        app.MapPost("/api/v1/engines/{name}/pause", Order("paused", (feeder, _) => feeder.PauseAsync()));
        app.MapPost("/api/v1/engines/{name}/resume", Order("resumed", (feeder, _) => feeder.ResumeAsync()));
        app.MapPost("/api/v1/engines/{name}/rebuild", Order("being rebuilt", (feeder, _) => feeder.RebuildAsync()));
        app.MapPost("/api/v1/engines/{name}/detach", Order("detached", (feeder, _) => feeder.DetachAsync()));
        app.MapPost("/api/v1/engines/{name}/rewind", Order("rewound", (feeder, context) => feeder.RewindAsync(Lsn(context, feeder))));
    }

    private async Task ListAsync(HttpContext context)
    {
        if (!await IsReadyAsync(context)) return;
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("engines");
            foreach (var (feeder, kind) in node.Feeds.All) EngineJson.Write(json, feeder, kind);
            json.WriteEndArray();
        });
    }

    private async Task ReloadAsync(HttpContext context)
    {
        if (!await IsReadyAsync(context)) return;
        try
        {
            var done = await reload.RunAsync();
            await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json =>
            {
                json.WriteStartArray("done");
                foreach (var line in done) json.WriteStringValue(line);
                json.WriteEndArray();
            });
        }
        catch (ConfigurationException error)
        {
            await JsonAnswer.ErrorAsync(context, StatusCodes.Status400BadRequest, "configuration", string.Join(" ", error.Faults));
        }
        catch (EngineException error)
        {
            await JsonAnswer.ErrorAsync(context, StatusCodes.Status400BadRequest, "configuration", error.Message);
        }
    }

    private RequestDelegate Order(string done, Func<EngineFeeder, HttpContext, Task> order) => async context =>
    {
        if (await FindAsync(context) is not { } feeder) return;
        try
        {
            await order(feeder, context);
            Log.EngineChanged(logger, $"{feeder.Engine.Name}: {done}, as ordered");
            await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json => json.WriteString("done", $"{feeder.Engine.Name}: {done}"));
        }
        catch (QueryException error)
        {
            await JsonAnswer.ErrorAsync(context, StatusCodes.Status400BadRequest, "bad_request", error.Message);
        }
        catch (EngineException error)
        {
            await JsonAnswer.ErrorAsync(context, StatusCodes.Status409Conflict, "engine", error.Message);
        }
    };

    private static long Lsn(HttpContext context, EngineFeeder feeder)
    {
        var text = QueryParameters.Text(context.Request.Query, "to") ?? throw QueryException.BadRequest("to: say the LSN to go back to; 'datalayer engine list' shows where the engine stands");
        if (text == "oldest") return feeder.OldestPosition;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var lsn) ? lsn : throw QueryException.BadRequest($"to: '{text}' is neither an LSN nor oldest");
    }

    private async Task DeadLettersAsync(HttpContext context)
    {
        if (await FindAsync(context) is not { } feeder) return;
        context.Response.ContentType = "application/x-ndjson";
        foreach (var line in feeder.Letters.Newest(LettersMax)) await context.Response.WriteAsync(line + "\n");
    }

    private async Task<EngineFeeder?> FindAsync(HttpContext context)
    {
        if (!await IsReadyAsync(context)) return null;
        var name = (string)context.Request.RouteValues["name"]!;
        if (node.Feeds.Find(name) is { } feeder) return feeder;
        await JsonAnswer.ErrorAsync(context, StatusCodes.Status404NotFound, "not_found", $"there is no engine \"{name}\"; configured are: {string.Join(", ", node.Feeds.All.Select(feed => feed.Feeder.Engine.Name).DefaultIfEmpty("none"))}");
        return null;
    }

    private async Task<bool> IsReadyAsync(HttpContext context)
    {
        if (node.State == NodeState.Ready) return true;
        await JsonAnswer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", $"the daemon is {node.State.ToString().ToLowerInvariant()}", retryAfterSeconds: 1);
        return false;
    }
}
