using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DataLayer.LoadTest.Queries;

namespace DataLayer.LoadTest.Compare;

/// <summary>A peer that takes writes over HTTP. Each connection has series of its own, and waits for the answer to a request before it sends the next.</summary>
internal sealed class PeerContender(string name, PeerServer server, string writePath, Func<LoadOptions, int, long, IPayload> payload, Func<LoadOptions, string> countPath, bool isDurable)
    : Contender(name, isDurable)
{
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(1);

    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { Timeout = TimeSpan.FromMinutes(6) };
    private Process? _process;
    private string _address = string.Empty;

    public override int Pid => _process!.Id;

    public override void Start(string folder)
    {
        var port = DaemonProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        _address = $"http://127.0.0.1:{port}/";
        string Filled(string text) => text.Replace("{folder}", folder, StringComparison.Ordinal).Replace("{port}", port, StringComparison.Ordinal);
        if (server.Config is { } config) File.WriteAllText(Path.Combine(folder, "config"), Filled(config));
        var start = new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", "exec \"$0\" \"$@\" >\"" + Path.Combine(folder, "output.txt") + "\" 2>&1", server.Command } };
        foreach (var argument in server.Arguments) start.ArgumentList.Add(Filled(argument));
        _process = Process.Start(start) ?? throw new IOException($"{server.Command} did not start.");
        var began = Stopwatch.GetTimestamp();
        while (!IsReady())
        {
            if (_process.HasExited) throw new IOException($"{server.Command} ended: {File.ReadAllText(Path.Combine(folder, "output.txt")).TrimEnd()} (Debian's package: {server.Package})");
            if (Stopwatch.GetElapsedTime(began) > ReadyPatience) throw new IOException($"{server.Command} was not ready within {ReadyPatience.TotalSeconds:0} s.");
            Thread.Sleep(20);
        }

        if (server.SetupPath is { } setup) _ = Send(HttpMethod.Post, setup, null);
    }

    public override long Send(LoadOptions options, long startMicros)
    {
        var end = Stopwatch.GetTimestamp() + (long)(options.Seconds * Stopwatch.Frequency);
        var sent = new long[options.Connections];
        var faults = new Exception?[options.Connections];
        var threads = Enumerable.Range(0, options.Connections).Select(connection => new Thread(() =>
        {
            try
            {
                var body = payload(options, connection, startMicros);
                var requests = options.RequestsPerConnection(body.SamplesPerRequest);
                for (var request = 0L; request < requests && Stopwatch.GetTimestamp() < end; request++)
                {
                    _ = Send(HttpMethod.Post, writePath, body.Make(request));
                    sent[connection] += body.SamplesPerRequest;
                }
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or TaskCanceledException)
            {
                faults[connection] = fault;
            }
        })).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return faults.FirstOrDefault(fault => fault is not null) is { } first ? throw new IOException($"{Name}: {first.Message}", first) : sent.Sum();
    }

    /// <summary>All numbers of a Prometheus result, or of an InfluxDB one, but the times.</summary>
    public override long Count(LoadOptions options)
    {
        using var document = JsonDocument.Parse(Send(HttpMethod.Get, countPath(options), null));
        var root = document.RootElement;
        if (root.TryGetProperty("data", out var data))
        {
            return data.GetProperty("result").EnumerateArray().Sum(row => long.Parse(row.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture));
        }

        var result = root.GetProperty("results")[0];
        return result.TryGetProperty("series", out var series) ? series[0].GetProperty("values")[0].EnumerateArray().Skip(1).Sum(count => count.GetInt64()) : 0;
    }

    public override void Settle()
    {
        foreach (var path in server.SettlePaths) _ = Send(HttpMethod.Get, path, null);
    }

    public override void Stop()
    {
        DaemonProcess.Terminate(_process!);
        if (!_process!.WaitForExit(StopPatience)) throw new IOException($"{Name} did not stop.");
    }

    public override byte[] Ask(QueryRequest request) => Send(HttpMethod.Get, request.Path, null);

    public override void Dispose()
    {
        _client.Dispose();
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private bool IsReady()
    {
        try
        {
            _ = Send(HttpMethod.Get, server.ReadyPath, null);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private byte[] Send(HttpMethod method, string path, ArraySegment<byte>? body)
    {
        using var request = new HttpRequestMessage(method, _address + path);
        if (body is { } bytes) request.Content = new ByteArrayContent(bytes.Array!, bytes.Offset, bytes.Count);
        using var answer = _client.Send(request);
        var read = answer.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult();
        return answer.IsSuccessStatusCode ? read : throw new HttpRequestException($"{path}: {(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(read)}");
    }
}
