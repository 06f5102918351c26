using System.Diagnostics;
using System.Globalization;
using DataLayer.LoadTest.Compare;

namespace DataLayer.LoadTest.Queries;

/// <summary>
/// The same samples in our daemon and in VictoriaMetrics, one server at a time, and the same questions: hot (just sent, nothing restarted), cold (started
/// anew, its files not in memory, each question for the first time) and warm (asked again). Fails where the two do not agree on an answer.
/// </summary>
internal sealed class QueryRun(LoadOptions options)
{
    private const int ColdRounds = 3;

    /// <summary>Asked before the clock counts: what a server compiles or loads at the first question belongs to the cold state.</summary>
    private const int WarmUps = 5;
    private const int StepSeconds = 10;

    private const int ViolationsShown = 10;

    private static readonly TimeSpan VisiblePatience = TimeSpan.FromMinutes(2);

    /// <summary>Before the first cold question: what a server does after its start is not what it takes for an answer.</summary>
    private static readonly TimeSpan SettleAfterStart = TimeSpan.FromSeconds(3);

    private static readonly string[] States = ["hot", "cold", "warm"];

    private readonly List<QueryTiming> _timings = [];
    private readonly Dictionary<(string Question, int Number), QueryAnswer> _answers = [];
    private readonly List<string> _violations = [];

    // Samples are five seconds off the full minute. A sender ends with a whole request, so that there may be some more, which are not asked for.
    private readonly long _startSeconds =
        Aligned(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - (((options.Samples / options.Series) + (InfluxLines.SamplesPerRequestMax * options.Connections / options.Series)) * StepSeconds), 60) + 5;

    private long EndSeconds => Aligned(_startSeconds + (((options.Samples / options.Series) - 20) * StepSeconds), 3600);

    public int Run()
    {
        // In the hot state all samples are in memory: no flush may come, which one does when half of the room is taken.
        var hotBytes = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(64L << 20, options.Samples * 64)}");
        RunServer("DataLayer", [
            () => new DaemonContender(LoadKind.Points, options.Daemon, [new("Hot__MaxBytes", hotBytes), new("Lake__FlushInterval", "1h"), new("Lake__FlushSamples", "1000000000"), new("StopTimeout", "10m")]),
            () => new DaemonContender(LoadKind.Points, options.Daemon)], question => question.Ours);
        var peer = () => (Contender)new PeerContender(
            "VictoriaMetrics", PeerServer.VictoriaMetrics, "write?precision=ms", (own, connection, start) => new InfluxLines(own, connection, start), Count, isDurable: false);
        RunServer("VictoriaMetrics", [peer, peer], question => question.Theirs);
        Print();
        options.WriteJson(new { Timings = _timings, Violations = _violations });
        return _violations.Count > 0 ? ExitCode.Violation : ExitCode.Pass;
    }

    private static string Count(LoadOptions options) =>
        "api/v1/query?nocache=1&query=" + Uri.EscapeDataString($"sum(count_over_time({{__name__=~\"{SeriesNames.Metric}.*\",run=\"{options.Run}\"}}[10d]))");

    private static long Aligned(long seconds, long to) => seconds / to * to;

    /// <param name="makes">The server for the hot state, and for the others.</param>
    private void RunServer(string name, Func<Contender>[] makes, Func<QueryCase, Func<LoadOptions, long, int, QueryRequest>> words)
    {
        var folder = Directory.CreateTempSubdirectory("datalayer-queries-").FullName;
        try
        {
            using (var server = makes[0]())
            {
                server.Start(folder);
                var began = Stopwatch.GetTimestamp();
                var samples = server.Send(options, _startSeconds * 1_000_000);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {samples:N0} samples in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s"));
                server.Settle();
                WaitUntilVisible(server, samples);
                foreach (var question in QueryCase.All) Ask(name, "hot", server, question, words(question));
                server.Stop();
            }

            var cold = QueryCase.All.ToDictionary(question => question, _ => new List<double>());
            for (var round = 0; round < ColdRounds; round++)
            {
                PageCache.Drop(Path.Combine(folder, "data"));
                using var server = makes[1]();
                server.Start(folder);
                Thread.Sleep(SettleAfterStart);
                foreach (var question in QueryCase.All) cold[question].Add(Ask(server, question, words(question), round));
                if (round < ColdRounds - 1) continue;
                foreach (var question in QueryCase.All) Add(name, "cold", question, cold[question]);
                foreach (var question in QueryCase.All) Ask(name, "warm", server, question, words(question));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Ask(string name, string state, Contender server, QueryCase question, Func<LoadOptions, long, int, QueryRequest> words) =>
        Add(name, state, question, [.. Enumerable.Range(0, WarmUps + options.Times).Select(number => Ask(server, question, words, number)).ToList().Skip(WarmUps)]);

    private void WaitUntilVisible(Contender server, long samples)
    {
        var deadline = DateTime.UtcNow + VisiblePatience;
        while (server.Count(options) != samples)
        {
            if (DateTime.UtcNow > deadline) throw new IOException($"{server.Name}: not all samples were visible within {VisiblePatience.TotalSeconds:0} s.");
            Thread.Sleep(200);
        }
    }

    /// <summary>Milliseconds until the last byte of the answer was there.</summary>
    private double Ask(Contender server, QueryCase question, Func<LoadOptions, long, int, QueryRequest> words, int number)
    {
        var request = words(options, EndSeconds, number);
        var began = Stopwatch.GetTimestamp();
        var json = server.Ask(request);
        var millis = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        var answer = QueryAnswer.Parse(json);
        if (answer.Values == 0) _violations.Add($"{question.Name}, {number}: {server.Name} found nothing ({request.Path}).");
        if (_answers.TryAdd((question.Name, number), answer) || answer.Agrees(_answers[(question.Name, number)])) return millis;
        _violations.Add($"{question.Name}, {number}: {server.Name} answers {answer}, before it was {_answers[(question.Name, number)]}.");
        return millis;
    }

    private void Add(string name, string state, QueryCase question, List<double> millis)
    {
        millis.Sort();
        var timing = new QueryTiming(question.Name, name, state, millis[millis.Count / 2], millis[Math.Min(millis.Count - 1, (int)(millis.Count * 0.99))], millis.Count);
        _timings.Add(timing);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {timing.State,-5} {timing.Question,-52} p50 {timing.P50Millis,9:0.00} ms  p99 {timing.P99Millis,9:0.00} ms  ({timing.Asked})"));
    }

    private void Print()
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{options.Samples:N0} samples in {options.Series:N0} series; p50 in ms, and how many times VictoriaMetrics takes as long"));
        Console.WriteLine($"{string.Empty,-54}{string.Concat(States.Select(state => $"{state,20}"))}");
        foreach (var question in QueryCase.All)
        {
            var cells = States.Select(state => Cell(question.Name, state));
            Console.WriteLine($"  {question.Name,-52}{string.Concat(cells)}");
        }

        foreach (var violation in _violations.Take(ViolationsShown)) Console.WriteLine($"  VIOLATION: {violation}");
    }

    private string Cell(string question, string state)
    {
        var timings = _timings.FindAll(timing => timing.Question == question && timing.State == state);
        var (ours, theirs) = (timings.Find(timing => timing.Server == "DataLayer")!, timings.Find(timing => timing.Server != "DataLayer")!);
        return string.Create(CultureInfo.InvariantCulture, $"{ours.P50Millis,12:0.00} {theirs.P50Millis / ours.P50Millis,6:0.0}×");
    }
}
