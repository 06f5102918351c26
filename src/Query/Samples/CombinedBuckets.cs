namespace DataLayer.Query.Samples;

/// <summary>
/// Puts together what the parts of a query read: groups are added up, and of all lists the greatest kept, where so many are asked for. Parts are added in order,
/// so that sums are the same bit by bit whoever read them. Owned by one query.
/// </summary>
internal sealed class CombinedBuckets(SeriesGroups? groups, int? top, Aggregation aggregation)
{
    private readonly Dictionary<int, BucketList> _groups = [];
    private readonly PriorityQueue<(int Number, BucketList Buckets), (double Value, int Order)> _greatest = new();
    private int _order;

    public void Add(int[] part, Dictionary<int, BucketList> lists)
    {
        if (groups is null)
        {
            foreach (var number in part)
            {
                if (lists.TryGetValue(number, out var list)) Compete(number, list);
            }

            return;
        }

        foreach (var (group, list) in lists)
        {
            if (_groups.TryGetValue(group, out var sum)) sum.Add(list);
            else _groups.Add(group, list);
        }
    }

    /// <summary>Groups in order; or the greatest, greatest first, of equal ones those that came first.</summary>
    public List<(int Number, BucketList Buckets)> InOrder()
    {
        if (top is null) return [.. _groups.OrderBy(group => group.Key).Select(group => (group.Key, group.Value))];
        foreach (var (group, list) in _groups.OrderBy(group => group.Key)) Compete(group, list);
        var ranked = new List<(int Number, BucketList Buckets)>(_greatest.Count);
        while (_greatest.TryDequeue(out var list, out _)) ranked.Add(list);
        ranked.Reverse();
        return ranked;
    }

    private void Compete(int number, BucketList list)
    {
        if (list.Buckets.Length == 0 || list.Buckets[0].Value(aggregation) is not { } value) return;
        _greatest.Enqueue((number, list), (value, --_order));
        if (_greatest.Count > top) _greatest.Dequeue();
    }
}
