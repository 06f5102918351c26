using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace DataLayer.Bench;

/// <summary>Measures the bytes that each hot stage allocates per sample, and compares them with the budgets. Quick: seconds, not minutes; time is shown, not judged.</summary>
public static class BudgetCheck
{
    private const int WarmUpRuns = 200;
    private const int Runs = 200;
    private const int Attempts = 3;

    /// <summary>All stages. A new one is added here and in budgets.json.</summary>
    public static IEnumerable<IHotStage> Stages() => [.. DecodeStage.All(), new ShardStage(), new PathStage()];

    /// <summary>0: all within budget. 1: one is over, or has no budget, or a budget has no stage.</summary>
    public static int Run(string budgetsPath, TextWriter output)
    {
        var budgets = JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(budgetsPath))!;
        var failures = 0;
        foreach (var stage in Stages())
        {
            using (stage)
            {
                var (bytes, nanos) = Measure(stage);
                var isKnown = budgets.Remove(stage.Name, out var budget);
                var isOver = !isKnown || bytes > budget;
                if (isOver) failures++;
                var verdict = isOver ? isKnown ? "OVER" : "NO BUDGET" : "ok";
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{verdict,-9} {stage.Name,-24} {bytes:0.####} bytes per sample, budget {budget:0.####}; {nanos:0.0} ns"));
            }
        }

        foreach (var name in budgets.Keys) output.WriteLine($"NO STAGE  {name}");
        return failures + budgets.Count == 0 ? 0 : 1;
    }

    private static (double Bytes, double Nanos) Measure(IHotStage stage)
    {
        for (var i = 0; i < WarmUpRuns; i++) stage.Run();

        // The least of a few attempts: code that is compiled anew in the middle of one is no steady state.
        var (leastBytes, leastNanos) = (double.MaxValue, double.MaxValue);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            long samples = 0;
            var start = Stopwatch.GetTimestamp();
            var before = Allocated(stage);
            for (var i = 0; i < Runs; i++) samples += stage.Run();
            leastBytes = Math.Min(leastBytes, (Allocated(stage) - before) / (double)samples);
            leastNanos = Math.Min(leastNanos, Stopwatch.GetElapsedTime(start).TotalNanoseconds / samples);
        }

        return (leastBytes, leastNanos);
    }

    private static long Allocated(IHotStage stage) => stage.CountsAllThreads ? GC.GetTotalAllocatedBytes(precise: true) : GC.GetAllocatedBytesForCurrentThread();
}
