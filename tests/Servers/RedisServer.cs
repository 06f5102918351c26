using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace DataLayer.Servers;

/// <summary>Redis 7 of Debian: without persistence, or with the arguments given. Also a node of a cluster, a replica, a Sentinel.</summary>
/// <param name="arguments">Further arguments of redis-server; "{folder}" stands for the server's folder.</param>
public sealed class RedisServer(params string[] arguments) : TestServer("redis")
{
    private static readonly string Cache = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } folder ? folder : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "datalayer-test", "redis");

    /// <summary>AppendOnly with a flush for each answer: what was acked survives kill -9.</summary>
    public static string[] Durable { get; } = ["--appendonly", "yes", "--appendfsync", "always"];

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>How redis-cli connects, beyond host and port: password, TLS.</summary>
    public IReadOnlyList<string> CliArguments { get; init; } = [];

    public bool IsTls { get; init; }

    /// <summary>Makes it a Sentinel with this configuration.</summary>
    public string? SentinelOf { get; init; }

    /// <summary>For a second listener: a cluster's bus would use a port 10,000 above the first, which may be taken or beyond the last.</summary>
    internal static int NextPort() => FreePort();

    /// <summary>Runs redis-cli and returns what it prints.</summary>
    public async Task<string> CliAsync(params IReadOnlyList<string> command)
    {
        var start = Program("redis-cli");
        foreach (var argument in (string[])["-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), .. CliArguments, .. command]) start.ArgumentList.Add(argument);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (await output + await errors).TrimEnd();
    }

    protected override ProcessStartInfo Command()
    {
        var start = Program("redis-server");
        var port = Port.ToString(CultureInfo.InvariantCulture);
        string[] listen = IsTls ? ["--port", "0", "--tls-port", port] : ["--port", port];
        if (SentinelOf is { } configuration)
        {
            // A Sentinel keeps its state in its configuration file.
            var file = Path.Combine(Folder, "sentinel.conf");
            if (!File.Exists(file)) File.WriteAllText(file, configuration);
            listen = [file, "--sentinel", .. listen];
        }
        else
        {
            listen = [.. listen, "--save", ""];
        }

        foreach (var argument in (string[])[.. listen, "--bind", "127.0.0.1", "--dir", Folder, .. arguments]) start.ArgumentList.Add(argument.Replace("{folder}", Folder, StringComparison.Ordinal));
        return start;
    }

    protected override async Task<bool> IsReadyAsync()
    {
        if (!await AcceptsAsync(Port)) return false;
        if (IsTls) return true;
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port);
            var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[64];
            var read = await stream.ReadAsync(answer);
            return !Encoding.ASCII.GetString(answer, 0, read).Contains("LOADING", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return false;
        }
    }

    // test.sh has unpacked Debian's packages there; an installed Redis will do as well.
    private static ProcessStartInfo Program(string name)
    {
        var unpacked = Path.Combine(Cache, "usr", "bin", name);
        if (File.Exists(unpacked))
        {
            var start = new ProcessStartInfo(unpacked);
            var multiarch = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
            start.Environment["LD_LIBRARY_PATH"] = Path.Combine(Cache, "usr", "lib", multiarch);
            return start;
        }

        var installed = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return installed is not null ? new ProcessStartInfo(installed) : throw new InvalidOperationException($"{name} is missing: run ./test.sh, which unpacks Debian's redis-server and redis-tools into {Cache}, or install them.");
    }
}
