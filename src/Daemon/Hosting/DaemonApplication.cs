using System.Net.Sockets;
using DataLayer.Daemon.Http;
using DataLayer.Daemon.Options;
using DataLayer.Daemon.Tcp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;

namespace DataLayer.Daemon.Hosting;

/// <summary>Puts the parts together and runs them: options → lock → HTTP → recovery → agents; and back when asked to stop.</summary>
internal static class DaemonApplication
{
    /// <summary>Runs until SIGTERM or SIGINT; returns the exit code. Throws <see cref="StartException"/> when it cannot start.</summary>
    public static async Task<int> RunAsync(Func<LoadedOptions> load)
    {
        var loaded = load();
        var options = loaded.Options;
        using var folder = DataFolder.Open(options.DataDir);
        LetThreadsShare();
        var endpoints = new Endpoints();
        await using var app = Build(options, folder, endpoints, load);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("datalayerd");
        Log.Starting(logger, DaemonVersion.Text, folder.Path, loaded.File ?? "defaults, environment and flags");

        var node = app.Services.GetRequiredService<DaemonNode>();
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        await StartListeningAsync(app, options);
        folder.Describe($"http://{endpoints.Http.EndPoint}, agents {endpoints.Ingest.EndPoint}");
        Log.Listening(logger, $"{endpoints.Http.EndPoint}", $"{endpoints.Ingest.EndPoint}", options.Udp.Enabled ? " and UDP" : "");
        using var run = new DaemonRun(app, node, endpoints, logger);
        return await run.RunAsync(lifetime.ApplicationStopping);
    }

    /// <summary>
    /// A batch of many MiB keeps its thread for a second. With a thread for each core a few of them would stop all others, until the pool adds threads, two a second;
    /// with more threads the kernel shares the cores out.
    /// </summary>
    private static void LetThreadsShare()
    {
        ThreadPool.GetMinThreads(out _, out var completion);
        ThreadPool.SetMinThreads(Math.Max(16, 4 * Environment.ProcessorCount), completion);
    }

    private static WebApplication Build(DaemonOptions options, DataFolder folder, Endpoints endpoints, Func<LoadedOptions> load)
    {
        // The empty builder reads no appsettings.json and no ASPNETCORE_ variables: what the daemon does is in its own options alone.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "datalayerd", ContentRootPath = AppContext.BaseDirectory });
        AddLogging(builder.Logging);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(folder);
        builder.Services.AddSingleton<DaemonNode>();
        builder.Services.AddSingleton(load);
        builder.Services.AddSingleton<EngineReload>();
        builder.Services.AddSingleton<ConnectionTable>();
        HttpRoutes.AddTo(builder.Services);
        builder.Services.AddSingleton<IHostLifetime, ConsoleLifetimeWithoutTalk>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.StopTimeout);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => ConfigureKestrel(kestrel, options, endpoints));

        // What a receive completes runs on, in the thread of the pool that received: one hop less for each receive and each ack.
        // What a peer sends while the ring is full stays in the kernel but for two receives: ten thousand peers would else hold 1 MiB each.
        // The queue of new connections is as long as the kernel allows: a burst of strangers must not make an agent wait a second for its next try.
        builder.Services.Configure<SocketTransportOptions>(transport =>
        {
            transport.UnsafePreferInlineScheduling = true;
            transport.MaxReadBufferSize = 2L * options.Tcp.ReceiveBlockBytes;
            transport.Backlog = 4096;
        });

        // 64 free blocks are 8 MiB: what a burst of receives on two cores uses; more go back to the garbage collector.
        // After UseKestrelCore, which registers a pool of 4 KiB blocks: the last registration counts.
        var pool = new BlockMemoryPool(options.Tcp.ReceiveBlockBytes, maxFreeBlocks: 64);
        builder.Services.AddSingleton(pool);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(new BlockMemoryPoolFactory(pool));
        var app = builder.Build();
        app.UseRouting();
        HttpRoutes.Map(app);
        return app;
    }

    private static void ConfigureKestrel(KestrelServerOptions kestrel, DaemonOptions options, Endpoints endpoints)
    {
        kestrel.AddServerHeader = false;

        // HTTP and agents together; each is held to its own share by its listener.
        kestrel.Limits.MaxConcurrentConnections = options.Web.MaxConnections + options.Tcp.MaxConnections;
        kestrel.Limits.MaxRequestBodySize = options.Web.MaxWriteBytes;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        var limit = new ConnectionLimit(options.Web.MaxConnections);
        kestrel.Listen(options.Http, listen =>
        {
            listen.Use(next => connection => limit.RunAsync(next, connection));
            listen.Protocols = HttpProtocols.Http1;
            endpoints.Http = listen;
        });
        kestrel.Listen(options.Ingest, listen =>
        {
            listen.UseConnectionHandler<IngestConnectionHandler>();
            endpoints.Ingest = listen;
        });
    }

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);

        // Failing to bind is one line from Main, not a trace from the host as well.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        if (SystemdHelpers.IsSystemdService()) logging.AddSystemdConsole();
        else logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    }

    private static async Task StartListeningAsync(WebApplication app, DaemonOptions options)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new StartException($"cannot listen: {error.Message} (DataLayer:Http = {options.Http}, DataLayer:Ingest = {options.Ingest}); is another datalayerd running? Choose other addresses with --http and --ingest", error);
        }
    }
}
