using System.Collections.Concurrent;

namespace DataLayer.Engines.Lake;

/// <summary>The statistics of row groups of the files of a lake, read from a file's footer when first asked for. Safe from any thread.</summary>
internal sealed class RowGroupIndex
{
    private readonly ConcurrentDictionary<long, RowGroupStats[]> _stats = new();

    public void Set(long number, RowGroupStats[] stats) => _stats[number] = stats;

    public bool TryGet(long number, out RowGroupStats[] stats) => _stats.TryGetValue(number, out stats!);

    public void Forget(long number) => _stats.TryRemove(number, out _);
}
