namespace DataLayer.Engines.Events;

/// <summary>An event's place in an answer: nearest first where distances are asked for (else all are 0), then newest first, then by id.</summary>
public readonly record struct EventRank(double Distance, long TimeMicros, string Id) : IComparable<EventRank>
{
    /// <summary>The last of an answer first: for a queue that gives up what comes after the limit.</summary>
    public static IComparer<EventRank> LastFirst { get; } = Comparer<EventRank>.Create((left, right) => right.CompareTo(left));

    public static EventRank Of(FoundEvent found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return new EventRank(found.DistanceMetres ?? 0, found.Event.TimeMicros, found.Event.Id);
    }

    public static bool operator <(EventRank left, EventRank right) => left.CompareTo(right) < 0;

    public static bool operator <=(EventRank left, EventRank right) => left.CompareTo(right) <= 0;

    public static bool operator >(EventRank left, EventRank right) => left.CompareTo(right) > 0;

    public static bool operator >=(EventRank left, EventRank right) => left.CompareTo(right) >= 0;

    public int CompareTo(EventRank other)
    {
        if (Distance != other.Distance) return Distance.CompareTo(other.Distance);
        return TimeMicros != other.TimeMicros ? other.TimeMicros.CompareTo(TimeMicros) : string.CompareOrdinal(Id, other.Id);
    }
}
