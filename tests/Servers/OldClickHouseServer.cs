using System.Diagnostics;
using System.Globalization;

namespace DataLayer.Servers;

/// <summary>Debian's ClickHouse of 2018 (18.16), unpacked by test.sh: to see that it is refused and left as it is.</summary>
public sealed class OldClickHouseServer : TestServer
{
    private readonly int _nativePort = FreePort();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    public OldClickHouseServer()
        : base("clickhouse-18")
    {
    }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port}");

    public Task<string> AskAsync(string sql) => _http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/?query={Uri.EscapeDataString(sql)}"));

    protected override ProcessStartInfo Command()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var root = Path.Combine(cache, "datalayer-test", "clickhouse-18");
        var program = Path.Combine(root, "usr", "sbin", "clickhouse-server");
        if (!File.Exists(program)) throw new InvalidOperationException($"ClickHouse 18.16 is missing: {program}. ./test.sh unpacks it from Debian's packages.");
        var users = Path.Combine(Folder, "users.xml");
        var config = Path.Combine(Folder, "config.xml");
        File.WriteAllText(users, """
            <yandex><profiles><default/></profiles><users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
            <quotas><default/></quotas></yandex>
            """);
        File.WriteAllText(config, $"""
            <yandex><logger><level>error</level><log>{Folder}/log</log><errorlog>{Folder}/errors</errorlog></logger>
            <http_port>{Port}</http_port><tcp_port>{_nativePort}</tcp_port><listen_host>127.0.0.1</listen_host><path>{Folder}/data/</path><tmp_path>{Folder}/tmp/</tmp_path>
            <users_config>{users}</users_config><default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>67108864</mark_cache_size>
            <user_files_path>{Folder}/files/</user_files_path><format_schema_path>{Folder}/formats/</format_schema_path></yandex>
            """);
        Directory.CreateDirectory(Path.Combine(Folder, "data"));
        var start = new ProcessStartInfo(program, ["--config-file=" + config]);
        start.Environment["LD_LIBRARY_PATH"] = Path.Combine(root, "usr", "lib", "x86_64-linux-gnu");
        return start;
    }

    protected override async Task<bool> IsReadyAsync()
    {
        try
        {
            return (await AskAsync("SELECT 1")).Trim() == "1";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
