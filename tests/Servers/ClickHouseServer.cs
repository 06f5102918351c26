using System.Diagnostics;
using System.Globalization;

namespace DataLayer.Servers;

/// <summary>ClickHouse 26.7: the real engine and its HTTP server, out of libchdb.so, run by ClickHouseLauncher. Users: default (no password), feeder (<see cref="FeederPassword"/>), reader (read-only), small (10 MB a query).</summary>
public sealed class ClickHouseServer : TestServer
{
    public const string FeederPassword = "feeder's secret; 1=2";

    private readonly int _nativePort = FreePort();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    public ClickHouseServer()
        : base("clickhouse")
    {
    }

    /// <summary>What goes before Username= and Password=.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port}");

    /// <summary>Runs a statement as the user default; its answer as text. Throws with the server's text.</summary>
    public async Task<string> AskAsync(string sql)
    {
        using var content = new StringContent(sql);
        using var response = await _http.PostAsync(new Uri($"http://127.0.0.1:{Port}/"), content);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? text.TrimEnd('\n') : throw new InvalidOperationException($"{sql}: {text}");
    }

    protected override ProcessStartInfo Command()
    {
        var library = Path.Combine(Cache, "clickhouse", "libchdb.so");
        if (!File.Exists(library)) throw new InvalidOperationException($"ClickHouse is missing: {library}. ./test.sh fetches it (npm @chdb/lib-linux-x64-gnu 26.7.3-stable.1).");
        var users = Path.Combine(Folder, "users.xml");
        var config = Path.Combine(Folder, "config.xml");
        File.WriteAllText(users, $"""
            <clickhouse>
              <profiles><default/><readonly><readonly>1</readonly></readonly><small><max_memory_usage>10000000</max_memory_usage></small></profiles>
              <users>
                {User("default", string.Empty, "default")}{User("feeder", FeederPassword, "default")}{User("reader", string.Empty, "readonly")}{User("small", string.Empty, "small")}
              </users>
              <quotas><default/></quotas>
            </clickhouse>
            """);
        File.WriteAllText(config, $"<clickhouse><logger><level>error</level></logger><users_config>{users}</users_config><mark_cache_size>67108864</mark_cache_size></clickhouse>");
        return new ProcessStartInfo("dotnet", [
            Launcher(), library, Path.Combine(Folder, "data"), Port.ToString(CultureInfo.InvariantCulture), _nativePort.ToString(CultureInfo.InvariantCulture), "--config-file=" + config]);
    }

    protected override async Task<bool> IsReadyAsync()
    {
        try
        {
            return await _http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/ping")) == "Ok.\n";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // The launcher ends with its standard input.
    protected override Task AskToStopAsync(Process process)
    {
        process.StandardInput.Close();
        return Task.CompletedTask;
    }

    private static string Cache => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "datalayer-test");

    private static string User(string name, string password, string profile) =>
        $"<{name}><password>{password}</password><networks><ip>127.0.0.1</ip></networks><profile>{profile}</profile><quota>default</quota></{name}>";

    // Built with this project, into a folder of its own; found from the folder of the tests, tests/X.Tests/bin/Release/net10.0.
    private static string Launcher()
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        for (var folder = built; folder is not null; folder = folder.Parent)
        {
            var launcher = Path.Combine(folder.FullName, "tests", "Servers", "ClickHouseLauncher", "bin", built.Parent!.Name, "net10.0", "DataLayer.ClickHouseLauncher.dll");
            if (File.Exists(launcher)) return launcher;
        }

        throw new InvalidOperationException("DataLayer.ClickHouseLauncher.dll is missing: build tests/Servers.");
    }
}
