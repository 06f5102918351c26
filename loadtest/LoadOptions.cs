using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using DataLayer.LoadTest.Engines;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>The command line, checked.</summary>
internal sealed class LoadOptions
{
    public const string Help = """
        loadtest: loads a DataLayer daemon on this machine, open loop, and checks that nothing is lost, invented or refused in silence.

        loadtest [--kind rows|blocks|lines|points|udp-lines|udp-rows] [options]
        loadtest kill --daemon datalayerd.dll [--times 20] [options]     kill -9 under load, again and again
        loadtest compare --daemon datalayerd.dll [--times 3] [options]   our daemon and its peers, one at a time, on the same series and values
        loadtest queries --daemon datalayerd.dll [--samples N] [options] our daemon and VictoriaMetrics, the same questions: hot, cold and warm
        loadtest floor --folder DIR [--rate R] [--batch-bytes B]         what this machine alone takes for such batches: timer, loopback, disk
        loadtest overload --daemon datalayerd.dll [options]              senders at three times what it takes, TCP and UDP, and what comes after
        loadtest hostile --daemon datalayerd.dll [options]               an honest agent beside hostile peers, one kind after the other
        loadtest soak --daemon datalayerd.dll [--churn T] [options]      a steady load for half an hour, a tenth of the series replaced again and again
        loadtest engines --daemon datalayerd.dll [--engines A,B] [--rate R] a steady load on real servers behind the daemon; with --times, kills of all of them
        loadtest register --daemon datalayerd.dll [--series S]           so many series that nobody has seen, until the first sample of each is acked

          --kind K           what to send                                        rows
          --series S         series in all                                       10000
          --columns C        series in a schema (rows, blocks, udp-rows)         1000; udp-rows 20
          --connections N    connections, or sockets, each with its thread       1
          --rate R           samples a second in all; 0: as fast as it goes      0
          --seconds T        how long to send; (kill) at most, before each kill  10; kill 3
          --samples N        end after so many in all; 0: when the time is over  0; queries 100000000
          --batch-bytes B    bytes of a batch, unpacked (a datagram: 1400)       262144
          --codec C          none|lz4                                            none
          --values V         walk2|constant|counter                              walk2
          --window W         batches in flight on a connection, at most          64
          --step-us U        between the instants of a series; 0: as time goes by, or for --rate 0 as at 50 M samples a second
          --ingest H:P       the daemon's TCP and UDP address                    127.0.0.1:7401
          --http H:P         the daemon's HTTP address                           127.0.0.1:7400
          --run NAME         label of all series, and part of the agents' names  new each time
          --warmup T         latencies of the first T seconds are not counted   0
          --visible          also measure from send to visible, by polling GET /api/v1/latest
          --verify           count by SQL what is stored, and compare with what was acked
          --pid P            the daemon's process: report its memory and CPU time
          --json FILE        write the report there as well
          --dry              encode and throw away: what the sender alone costs
          --beyond           more than the daemon takes is meant: what is not sent in time is never sent
          --daemon DLL       (all but load and floor) the daemon to start
          --bars             (overload, hostile, soak, register) times decide as well, by the bars of docs/load-test.md
          --times N          how often; (engines) kills in the run               kill 20; compare 3; queries 20; engines 0
          --stall KIND       (engines) this server stands still (SIGSTOP) from the first second of the load to its end
          --engines A,B      (engines) of postgres, postgres-brin, clickhouse, redis, mongo  all but postgres-brin
          --churn T          (soak) seconds until the next tenth of the series is replaced 300
          --settle T         (compare) seconds after the load, before the disk is measured 15
          --peers A,B        (compare) of victoria-metrics, influxdb, prometheus all
          --folder DIR       (floor) where the daemon would keep its data
          --seed N           (kill, engines) of the moments to kill              new each time

        Exit: 0 pass, 1 violation, 2 inconclusive, 64 usage.
        """;

    private static readonly string[] AllPeers = ["victoria-metrics", "influxdb", "prometheus"];

    private static readonly HashSet<string> Flags = ["--visible", "--verify", "--dry", "--beyond", "--bars"];

    private LoadOptions()
    {
    }

    public LoadMode Mode { get; private set; }

    public LoadKind Kind { get; private set; } = LoadKind.Rows;

    public int Series { get; private set; } = 10_000;

    public int Columns { get; private set; } = 1000;

    public int Connections { get; private set; } = 1;

    /// <summary>Samples a second in all; 0: as fast as it goes.</summary>
    public double Rate { get; private set; }

    /// <summary>Samples in all, to a batch; 0: as many as go in the time.</summary>
    public long Samples { get; private set; }

    public double Seconds { get; private set; } = 10;

    public double WarmupSeconds { get; private set; }

    public long WarmupTicks => (long)(WarmupSeconds * Stopwatch.Frequency);

    public int BatchBytes { get; private set; } = 256 << 10;

    public BatchCodec Codec { get; private set; } = BatchCodec.None;

    public ValueShape Values { get; private set; } = ValueShape.Walk2;

    public int Window { get; private set; } = 64;

    public long StepMicros { get; private set; }

    public IPEndPoint Ingest { get; set; } = new(IPAddress.Loopback, 7401);

    public IPEndPoint Http { get; set; } = new(IPAddress.Loopback, 7400);

    public string Run { get; set; } = Guid.NewGuid().ToString("N")[..8];

    public bool Visible { get; private set; }

    public bool Verify { get; private set; }

    public bool Dry { get; private set; }

    /// <summary>An overload is meant: a sender ends with its time, whatever it has not sent by then, and being late is no doubt.</summary>
    public bool Beyond { get; private set; }

    /// <summary>Measured times decide as well.</summary>
    public bool Bars { get; private set; }

    public int Pid { get; set; }

    public string? JsonFile { get; private set; }

    public string Daemon { get; private set; } = string.Empty;

    public double ChurnSeconds { get; private set; } = 300;

    public double SettleSeconds { get; private set; } = 15;

    public IReadOnlyList<string> Peers { get; private set; } = AllPeers;

    /// <summary>Kinds of engines, each on a server of its own.</summary>
    public IReadOnlyList<string> Engines { get; private set; } = [.. EngineUnderTest.Kinds.Where(kind => kind != "postgres-brin")];

    /// <summary>The kind of the engine that stands still; empty: none.</summary>
    public string Stall { get; private set; } = string.Empty;

    public string Folder { get; private set; } = string.Empty;

    public int Times { get; private set; } = 20;

    public int Seed { get; private set; } = Environment.TickCount;

    public bool IsUdp => Kind is LoadKind.UdpLines or LoadKind.UdpRows;

    public int SeriesPerConnection => Series / Connections;

    /// <summary>How many batches, or requests, each connection sends at most.</summary>
    public long RequestsPerConnection(int samplesPerRequest) => Samples == 0 ? long.MaxValue : (Samples / Connections + samplesPerRequest - 1) / samplesPerRequest;

    public static LoadOptions Parse(string[] args)
    {
        var options = new LoadOptions();
        var given = new HashSet<string>();
        var next = 0;
        if (args is [[not '-', ..], ..])
        {
            options.Mode = ParseEnum<LoadMode>("The first word", args[0]);
            next = 1;
        }

        while (next < args.Length)
        {
            var name = args[next++];
            if (!given.Add(name)) throw new UsageException($"{name} is there twice.");
            if (Flags.Contains(name)) options.Set(name, string.Empty);
            else if (next < args.Length) options.Set(name, args[next++]);
            else throw new UsageException($"{name} is unknown, or needs a value.");
        }

        options.Finish(given);
        return options;
    }

    /// <summary>Writes a report to the file of --json, where one is asked for.</summary>
    public void WriteJson<T>(T report)
    {
        if (JsonFile is { } file) File.WriteAllText(file, JsonSerializer.Serialize(report, JsonSerializerOptions.Web));
    }

    /// <summary>The same run with another kind of message, to another daemon.</summary>
    public LoadOptions With(LoadKind kind, IPEndPoint ingest, IPEndPoint http)
    {
        var copy = (LoadOptions)MemberwiseClone();
        (copy.Kind, copy.Ingest, copy.Http) = (kind, ingest, http);
        return copy;
    }

    /// <summary>The same run to another daemon.</summary>
    public LoadOptions At(IPEndPoint ingest, IPEndPoint http) => With(Kind, ingest, http);

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "--kind": Kind = ParseEnum<LoadKind>(name, value); break;
            case "--series": Series = (int)Number(name, value, 1, 100_000_000); break;
            case "--columns": Columns = (int)Number(name, value, 1, ProtocolLimits.MaxSeriesPerSchema); break;
            case "--connections": Connections = (int)Number(name, value, 1, 100_000); break;
            case "--rate": Rate = Number(name, value, 0, 1e9); break;
            case "--seconds": Seconds = Number(name, value, 0.1, 86_400); break;
            case "--samples": Samples = (long)Number(name, value, 1, 1e12); break;
            case "--warmup": WarmupSeconds = Number(name, value, 0, 3600); break;
            case "--batch-bytes": BatchBytes = (int)Number(name, value, 64, ProtocolLimits.MaxMessageBytes / 2); break;
            case "--codec": Codec = ParseEnum<BatchCodec>(name, value); break;
            case "--values": Values = ParseEnum<ValueShape>(name, value); break;
            case "--window": Window = (int)Number(name, value, 1, 65_536); break;
            case "--step-us": StepMicros = (long)Number(name, value, 0, 1e12); break;
            case "--ingest": Ingest = Address(name, value); break;
            case "--http": Http = Address(name, value); break;
            case "--run": Run = value; break;
            case "--visible": Visible = true; break;
            case "--verify": Verify = true; break;
            case "--dry": Dry = true; break;
            case "--beyond": Beyond = true; break;
            case "--bars": Bars = true; break;
            case "--pid": Pid = (int)Number(name, value, 1, int.MaxValue); break;
            case "--json": JsonFile = value; break;
            case "--daemon": Daemon = value; break;
            case "--churn": ChurnSeconds = Number(name, value, 1, 86_400); break;
            case "--settle": SettleSeconds = Number(name, value, 0, 3600); break;
            case "--peers": Peers = ParsePeers(name, value); break;
            case "--engines": Engines = value.Split(',', StringSplitOptions.RemoveEmptyEntries); break;
            case "--stall": Stall = value; break;
            case "--folder": Folder = value; break;
            case "--times": Times = (int)Number(name, value, 1, 10_000); break;
            case "--seed": Seed = (int)Number(name, value, int.MinValue, int.MaxValue); break;
            default: throw new UsageException($"{name} is unknown.");
        }
    }

    private void Finish(HashSet<string> given)
    {
        if (Kind == LoadKind.UdpRows && !given.Contains("--columns")) Columns = 20;
        if (IsUdp && !given.Contains("--batch-bytes")) BatchBytes = 1400;
        if (IsUdp && BatchBytes > 65_000) throw new UsageException("--batch-bytes: a datagram holds at most 65000.");
        if (Codec == BatchCodec.Zstd) throw new UsageException("--codec: none or lz4.");
        if (Mode is not (LoadMode.Load or LoadMode.Floor or LoadMode.Compare or LoadMode.Queries) && (IsUdp || Dry)) throw new UsageException("--kind: with this mode one of those over TCP, without --dry.");
        if (Mode is not (LoadMode.Load or LoadMode.Floor) && !File.Exists(Daemon)) throw new UsageException("--daemon names no file.");
        if (Mode == LoadMode.Compare) FinishCompare(given);
        if (Mode == LoadMode.Queries) FinishQueries(given);
        if (Mode == LoadMode.Overload && !given.Contains("--connections")) Connections = 4;
        if (Mode == LoadMode.Hostile && !given.Contains("--connections")) Connections = 10_000;
        if (Mode == LoadMode.Soak) FinishSoak(given);
        if (Mode == LoadMode.Register) FinishRegister(given);
        if (Mode == LoadMode.Kill && !given.Contains("--seconds")) Seconds = 3;
        if (Mode == LoadMode.Engines) FinishEngines(given);
        if (Mode == LoadMode.Floor && !Directory.Exists(Folder)) throw new UsageException("floor: --folder names no folder.");
        if (Series < Connections) throw new UsageException("--series: at least one for each connection.");
        Columns = Math.Min(Columns, SeriesPerConnection);
        if (StepMicros > 0) return;

        // A series has one sample in each step: at R samples a second that is every S / R seconds.
        StepMicros = Math.Max(1, (long)(Series * 1e6 / (Rate > 0 ? Rate : 50e6)));
    }

    // Peers take times in milliseconds, and a step of 10 ms keeps the samples of a fast run in the past.
    private void FinishCompare(HashSet<string> given)
    {
        if (!given.Contains("--times")) Times = 3;
        if (!given.Contains("--seconds")) Seconds = 20;
        if (!given.Contains("--connections")) Connections = 2;
        if (!given.Contains("--step-us")) StepMicros = 10_000;
        if (StepMicros % 1000 != 0) throw new UsageException("compare: --step-us is a multiple of 1000.");
        if (SeriesPerConnection % 500 != 0) throw new UsageException("compare: --series is a multiple of 500 for each connection.");
    }

    // Ten metrics of a thousand hosts, a sample every ten seconds for a good day.
    private void FinishQueries(HashSet<string> given)
    {
        if (!given.Contains("--samples")) Samples = 100_000_000;
        if (!given.Contains("--times")) Times = 20;
        if (!given.Contains("--seconds")) Seconds = 600;
        (Connections, StepMicros) = (2, 10_000_000);
        if (Samples / Series < 9000) throw new UsageException("queries: --samples is at least 9000 for each of --series, which is a day and an hour.");
    }

    // A hundred batches a second, as a hundred agents would send, so that latencies are of many batches.
    private void FinishEngines(HashSet<string> given)
    {
        if (!given.Contains("--times")) Times = 0;
        if (!given.Contains("--rate")) Rate = 200_000;
        if (Rate <= 0) throw new UsageException("engines: --rate is what the engines are to be given a second; the daemon alone takes more than any of them.");
        if (!given.Contains("--batch-bytes")) BatchBytes = (int)Math.Clamp(Rate / 100 * sizeof(double), 4096, 256 << 10);
        if (!given.Contains("--columns")) Columns = 100;
        if (Engines.Count == 0) throw new UsageException("engines: --engines names none.");
        if (Stall.Length > 0 && !Engines.Contains(Stall)) throw new UsageException($"--stall: '{Stall}' is none of --engines.");
    }

    private void FinishSoak(HashSet<string> given)
    {
        if (!given.Contains("--series")) Series = 20_000;
        if (!given.Contains("--rate")) Rate = 2_000_000;
        if (!given.Contains("--seconds")) Seconds = 1800;
        if (Series % 1000 != 0) throw new UsageException("soak: --series is a multiple of 1000.");
    }

    private void FinishRegister(HashSet<string> given)
    {
        if (!given.Contains("--series")) Series = 1_000_000;
        if (!given.Contains("--connections")) Connections = 2;
        if (!given.Contains("--columns")) Columns = 500;
        if (Series % (Connections * Columns) != 0) throw new UsageException("register: --series is a multiple of --connections times --columns.");
    }

    private static string[] ParsePeers(string name, string value)
    {
        var peers = value.Split(',', StringSplitOptions.RemoveEmptyEntries);
        return Array.TrueForAll(peers, peer => AllPeers.Contains(peer)) ? peers : throw new UsageException($"{name}: '{value}' is none of {string.Join(", ", AllPeers)}.");
    }

    private static T ParseEnum<T>(string name, string value)
        where T : struct, Enum
    {
        var plain = value.Replace("-", string.Empty, StringComparison.Ordinal);
        if (Enum.TryParse<T>(plain, ignoreCase: true, out var result) && Enum.IsDefined(result) && !char.IsAsciiDigit(plain[0])) return result;
        throw new UsageException($"{name}: '{value}' is none of {string.Join(", ", Enum.GetNames<T>())}.");
    }

    private static double Number(string name, string value, double min, double max)
    {
        if (double.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;
        throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{name}: '{value}' is no number from {min} to {max}."));
    }

    private static IPEndPoint Address(string name, string value)
    {
        if (IPEndPoint.TryParse(value, out var address) && address.Port > 0 && IPAddress.IsLoopback(address.Address)) return address;
        throw new UsageException($"{name}: '{value}' is no loopback address with a port, like 127.0.0.1:7401.");
    }
}
