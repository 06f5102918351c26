using System.Diagnostics;
using System.Globalization;

namespace DataLayer.Servers;

/// <summary>
/// A PostgreSQL server of a test's own, as Debian ships it: durable as by default, everybody on loopback is trusted until <see cref="UseHbaAsync"/> says otherwise. Where the tests run as root,
/// which PostgreSQL refuses, it runs as nobody.
/// </summary>
public sealed class PostgresServer : TestServer
{
    private const string NobodyId = "65534";

    private readonly string _programs = FindPrograms();

    public PostgresServer()
        : base("postgres")
    {
    }

    private string Data => Path.Combine(Folder, "data");

    /// <summary>A line each of postgresql.conf, for the next start.</summary>
    public IList<string> Settings { get; } = [];

    public async Task<PostgresServer> CreateAsync()
    {
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", NobodyId, Folder);
        await RunAsync([.. AsServer("initdb"), "-D", Data, "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"]);
        await StartAsync();
        return this;
    }

    /// <summary>A connection string for its superuser.</summary>
    public string ConnectionString(string database = "postgres", string user = "postgres") =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Database={database};Username={user}");

    /// <summary>Restarts it with these lines in pg_hba.conf: who may come in, and how.</summary>
    public async Task UseHbaAsync(params string[] lines)
    {
        await StopAsync();
        await File.WriteAllLinesAsync(Path.Combine(Data, "pg_hba.conf"), lines);
        await StartAsync();
    }

    /// <summary>A file that the server may read and nobody else, as it wants it for keys.</summary>
    public async Task<string> AddFileAsync(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        await File.WriteAllTextAsync(path, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", NobodyId, path);
        return path;
    }

    protected override ProcessStartInfo Command()
    {
        foreach (var process in Children()) Process.GetProcessById(process).Kill(); // What a crash of the first process has left.
        while (Children().Count > 0) Thread.Sleep(5);
        List<string> settings =
        [
            "listen_addresses = '127.0.0.1'", $"port = {Port}", $"unix_socket_directories = '{Folder}'", "shared_buffers = '256MB'", "max_wal_size = '2GB'",
            "shared_preload_libraries = 'pg_stat_statements'", "pg_stat_statements.max = 5000", .. Settings,
        ];
        File.WriteAllLines(Path.Combine(Data, "postgresql.auto.conf"), settings);
        return Start([.. AsServer("postgres"), "-D", Data]);
    }

    protected override async Task<bool> IsReadyAsync()
    {
        using var asked = Process.Start(Start([Path.Combine(_programs, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture)]))!;
        await asked.WaitForExitAsync();
        return asked.ExitCode == 0;
    }

    /// <summary>SIGINT: "fast", which does not wait for clients.</summary>
    protected override Task AskToStopAsync(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        Signal(2, [process.Id]);
        return Task.CompletedTask;
    }

    protected override IReadOnlyList<int> Processes() => [ProcessId, .. Children().Where(process => process != ProcessId)];

    /// <summary>All processes of a PostgreSQL server stand in its data folder.</summary>
    private List<int> Children()
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                if (File.ResolveLinkTarget(Path.Combine(folder, "cwd"), returnFinalTarget: false)?.FullName == Data) found.Add(id);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is another user's.
            }
        }

        return found;
    }

    // As nobody, who may read the programs wherever they lie.
    private string[] AsServer(string program) => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid", NobodyId, "--regid", NobodyId, "--clear-groups", "--inh-caps", "+dac_override", "--ambient-caps", "+dac_override", Path.Combine(_programs, program)]
        : [Path.Combine(_programs, program)];

    private ProcessStartInfo Start(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = Folder };
        var libraries = Path.Combine(_programs, "../../../x86_64-linux-gnu");
        if (_programs.StartsWith(Cache(), StringComparison.Ordinal)) start.Environment["LD_LIBRARY_PATH"] = libraries;
        return start;
    }

    private async Task RunAsync(params string[] command)
    {
        var start = Start(command);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}: {await output}{error}");
    }

    private static string FindPrograms()
    {
        string[] folders = [Path.Combine(Cache(), "usr/lib/postgresql/15/bin"), "/usr/lib/postgresql/15/bin"];
        return folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")))
            ?? throw new FileNotFoundException("There is no PostgreSQL 15 server. Run ./test.sh, which fetches it, or install Debian's postgresql-15.");
    }

    private static string Cache() => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".cache"), "datalayer-test/postgres");
}
