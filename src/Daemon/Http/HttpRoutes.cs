using DataLayer.Daemon.Hosting;

namespace DataLayer.Daemon.Http;

/// <summary>All that HTTP answers.</summary>
internal static class HttpRoutes
{
    public static void Map(WebApplication app)
    {
        var node = app.Services.GetRequiredService<DaemonNode>();
        app.MapGet("/health", (RequestDelegate)(context => context.Response.WriteAsync("ok\n")));
        app.MapGet("/ready", (RequestDelegate)(context => ReadyAsync(context, node)));
    }

    private static Task ReadyAsync(HttpContext context, DaemonNode node)
    {
        var ready = node.State == NodeState.Ready;
        context.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(node.State.ToString().ToLowerInvariant() + "\n");
    }
}
