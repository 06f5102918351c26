namespace DataLayer.Bench;

/// <summary>A stage of the hot path that can be run again and again: measured by benchmarks, held to its budget by <see cref="BudgetCheck"/>.</summary>
public interface IHotStage : IDisposable
{
    /// <summary>The stage's name in budgets.json.</summary>
    string Name { get; }

    /// <summary>Whether what other threads allocate meanwhile is the stage's too.</summary>
    bool CountsAllThreads => false;

    /// <summary>Runs once; returns how many samples went through, having checked that all of them did.</summary>
    long Run();
}
