using System.Diagnostics.Tracing;

namespace DataLayer.Daemon.Metrics;

/// <summary>Watches how long collections stop the threads, from the runtime's own events. One per process.</summary>
internal sealed class GcPauses : EventListener
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const EventKeywords Collections = (EventKeywords)0x1;
    private const int RestartEnd = 3;
    private const int SuspendBegin = 9;

    // Owned by: the runtime's thread that gives out events, in their order.
    private DateTime _began;
    private long _longestTicks;

    /// <summary>The longest since the start. Threads are also stopped for other reasons than a collection; those count as well.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(Volatile.Read(ref _longestTicks));

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Runtime) EnableEvents(eventSource, EventLevel.Informational, Collections);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId == SuspendBegin) _began = eventData.TimeStamp;
        if (eventData.EventId != RestartEnd || _began == default) return;
        Volatile.Write(ref _longestTicks, Math.Max(_longestTicks, (eventData.TimeStamp - _began).Ticks));
        _began = default;
    }
}
