using DataLayer.Daemon.Hosting;
using DataLayer.Daemon.Metrics;

namespace DataLayer.Daemon.Http;

/// <summary>All that HTTP answers.</summary>
internal static class HttpRoutes
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<WriteRoute>();
        services.AddSingleton<QueryRoutes>();
        services.AddSingleton<EngineRoutes>();
        services.AddSingleton<TailRoute>();
        services.AddSingleton<StatusRoute>();
        services.AddSingleton<DaemonMetrics>();
    }

    public static void Map(WebApplication app)
    {
        var services = app.Services;
        var node = services.GetRequiredService<DaemonNode>();
        app.MapGet("/health", (RequestDelegate)(context => context.Response.WriteAsync("ok\n")));
        app.MapGet("/ready", (RequestDelegate)(context => ReadyAsync(context, node)));
        app.MapPost("/api/v1/write", services.GetRequiredService<WriteRoute>().HandleAsync);
        app.MapGet("/api/v1/tail", services.GetRequiredService<TailRoute>().HandleAsync);
        app.MapGet("/api/v1/status", services.GetRequiredService<StatusRoute>().HandleAsync);
        app.MapGet("/metrics", services.GetRequiredService<DaemonMetrics>().HandleAsync);
        services.GetRequiredService<QueryRoutes>().Map(app);
        services.GetRequiredService<EngineRoutes>().Map(app);
    }

    private static Task ReadyAsync(HttpContext context, DaemonNode node)
    {
        var ready = node.NotReady is null;
        context.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync((node.NotReady ?? "ready") + "\n");
    }
}
