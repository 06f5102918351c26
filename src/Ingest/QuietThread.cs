using System.Runtime.InteropServices;

namespace DataLayer.Ingest;

/// <summary>Threads for work that must never be in the way of ingest: flushes, merges, SQL. They run when the hot path leaves a core free.</summary>
public static class QuietThread
{
    // Half of the way from normal (0) to idle (19): beside a busy ingest thread such work gets about a tenth of a core, alone a whole one.
    private const int Niceness = 10;

    // SCHED_IDLE of sched(7): any other thread that wakes takes the core at once, while a merely nice one keeps it to the end of its slice (about 3 ms).
    private const int SchedIdle = 5;

    /// <summary>Lowers the priority of the calling thread, for work that somebody waits for. Linux knows priorities of threads; elsewhere nothing happens.</summary>
    public static void LowerPriority()
    {
        if (OperatingSystem.IsLinux()) _ = setpriority(0, 0, Niceness);
    }

    /// <summary>
    /// Runs <paramref name="work"/> on a thread of its own, which runs only when no other thread wants the core; the task ends as the work does.
    /// <paramref name="isUrgent"/>: at normal priority, because what the work frees is running out.
    /// </summary>
    public static Task RunAsync(string name, bool isUrgent, Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Run(isUrgent, work, done)) { IsBackground = true, Name = name };
        thread.Start();
        return done.Task;
    }

    private static void Run(bool isUrgent, Action work, TaskCompletionSource done)
    {
        var priority = 0;
        if (!isUrgent && OperatingSystem.IsLinux()) _ = sched_setscheduler(0, SchedIdle, in priority);
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
    private static extern int sched_setscheduler(int thread, int policy, in int priority);

    [DllImport("libc", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setpriority(int which, uint who, int priority);
}
