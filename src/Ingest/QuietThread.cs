using System.Runtime.InteropServices;

namespace DataLayer.Ingest;

/// <summary>Threads for work that must never be in the way of ingest: flushes, merges, SQL. They run when the hot path leaves a core free.</summary>
public static class QuietThread
{
    // Half of the way from normal (0) to idle (19): beside a busy ingest thread such work gets about a tenth of a core, alone a whole one.
    private const int Niceness = 10;

    /// <summary>Lowers the priority of the calling thread. Linux knows priorities of threads; elsewhere nothing happens.</summary>
    public static void LowerPriority()
    {
        if (OperatingSystem.IsLinux()) _ = setpriority(0, 0, Niceness);
    }

    /// <summary>Runs <paramref name="work"/> on a quiet thread of its own; the task ends as the work does.</summary>
    public static Task RunAsync(string name, Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Run(work, done)) { IsBackground = true, Name = name };
        thread.Start();
        return done.Task;
    }

    private static void Run(Action work, TaskCompletionSource done)
    {
        LowerPriority();
        try
        {
            work();
            done.SetResult();
        }
        catch (OperationCanceledException cancelled)
        {
            done.SetCanceled(cancelled.CancellationToken);
        }
        catch (Exception error)
        {
            done.SetException(error); // The edge of the thread: whoever awaits the task gets it.
        }
    }

    [DllImport("libc", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setpriority(int which, uint who, int priority);
}
