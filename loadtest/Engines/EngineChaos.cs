using System.Globalization;

namespace DataLayer.LoadTest.Engines;

/// <summary>
/// kill −9 of the daemon and of servers at random moments, so many in the run, each started again after some seconds; and one server that stands still from the first second to the last.
/// Owned by the run's thread.
/// </summary>
internal sealed class EngineChaos
{
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(120);

    private readonly DaemonProcess _daemon;
    private readonly List<EngineUnderTest> _engines;
    private readonly Random _random;
    private readonly Queue<double> _moments;
    private readonly Dictionary<string, int> _kills = [];
    private readonly List<(EngineUnderTest Engine, double BackAt)> _away = [];
    private readonly EngineUnderTest? _stalled;
    private bool _isStalled;

    public EngineChaos(LoadOptions options, DaemonProcess daemon, List<EngineUnderTest> engines)
    {
        (_daemon, _engines, _random) = (daemon, engines, new Random(options.Seed));
        _moments = new Queue<double>(Enumerable.Range(0, options.Times).Select(_ => _random.NextDouble() * options.Seconds).Order());
        _stalled = engines.Find(engine => engine.Kind == options.Stall);
        if (options.Times > 0) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {options.Times} kills, --seed {options.Seed}"));
    }

    /// <summary>Does what is due.</summary>
    public void Act(double seconds, LongLived agents)
    {
        if (_stalled is not null && !_isStalled && seconds > 1)
        {
            _stalled.Server.Suspend();
            _isStalled = true;
        }

        foreach (var (engine, _) in _away.Where(away => away.BackAt <= seconds).ToList()) Restore(engine);
        if (_moments.Count == 0 || _moments.Peek() > seconds || !agents.IsSending) return;
        _moments.Dequeue();
        var at = _random.Next(_engines.Count + 1);
        if (at == _engines.Count)
        {
            Count("daemon");
            _daemon.Kill();
            _daemon.Start(ReadyPatience);
        }
        else if (_away.TrueForAll(away => away.Engine != _engines[at]))
        {
            Count(_engines[at].Kind);
            _engines[at].Server.KillAsync().GetAwaiter().GetResult();
            _away.Add((_engines[at], seconds + (_random.NextDouble() * 5)));
        }
    }

    /// <summary>All servers run again.</summary>
    public void RestoreAll()
    {
        _stalled?.Server.Resume();
        foreach (var (engine, _) in _away.ToList()) Restore(engine);
    }

    public override string ToString() => string.Join(", ", _kills.Select(pair => $"{pair.Key} {pair.Value}"));

    private void Restore(EngineUnderTest engine)
    {
        engine.Server.StartAsync().GetAwaiter().GetResult();
        _away.RemoveAll(away => away.Engine == engine);
    }

    private void Count(string what) => _kills[what] = _kills.GetValueOrDefault(what) + 1;
}
