using DataLayer.Ingest.Log;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Series;

/// <summary>
/// Canonical key (name and sorted labels) → series number. Look-ups take no lock; new series take one. A new series waits in
/// the definition queue until the commit thread has made it durable, before any record that uses it.
/// </summary>
public sealed class SeriesRegistry : ISeriesCatalog
{
    private readonly Lock _lock = new();
    private readonly DefinitionQueue _definitions;
    private readonly int _seriesMax;
    private readonly BytesTable _keys = new();
    private readonly BytesTable _names = new();
    private readonly SeriesIndex _index;
    private BytesTable _raw = new();

    // Guarded by: _lock; read without it after Volatile.Read of _count.
    private long[] _positions = new long[1024];
    private int[] _metrics = new int[1024];
    private int _count;

    // All series in order; made anew when there are more.
    private int[] _ordered = [];

    public SeriesRegistry(DefinitionQueue definitions, int seriesMax)
    {
        _definitions = definitions;
        _seriesMax = seriesMax;
        _index = new SeriesIndex(this);
    }

    public int Count => Volatile.Read(ref _count); // Pairs with Volatile.Write in Append.

    public int SeriesMax => _seriesMax;

    /// <summary>Bytes of memory of keys and tables, the index not counted.</summary>
    public long Bytes => _keys.Bytes + _names.Bytes + Volatile.Read(ref _raw).Bytes + (12L * _positions.Length) + (4L * _ordered.Length);

    public ReadOnlySpan<byte> KeyOf(int series)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)series, (uint)Count, nameof(series));
        return _keys.KeyAt(Volatile.Read(ref _positions)[series]);
    }

    public int MetricOf(int series)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)series, (uint)Count, nameof(series));
        return Volatile.Read(ref _metrics)[series];
    }

    /// <summary>All series registered so far, in <see cref="SeriesOrder"/>. Thread: any. Allocates: when there are more than the last time. Blocks: no.</summary>
    public ReadOnlyMemory<int> InOrder()
    {
        var ordered = Volatile.Read(ref _ordered);
        if (ordered.Length == Count) return ordered;
        Volatile.Write(ref _ordered, ordered = SeriesOrder.All(this, Count));
        return ordered;
    }

    public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => _index.Select(name, labels);

    /// <summary>The number of a series that is registered. Thread: any. Allocates: no. Blocks: no. Fails: returns false.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out int series) => _keys.TryFind(key, BytesTable.HashOf(key), out series);

    /// <summary>
    /// The number of the series with this canonical key, given out if it is new. <paramref name="agentCount"/> is the caller's count of
    /// series it has added, checked against <paramref name="agentLimit"/> and incremented when one is added.
    /// Thread: any. Allocates: only for a new series. Blocks: a lock for a new series. Fails: returns the status.
    /// </summary>
    public SeriesStatus GetOrAdd(ReadOnlySpan<byte> key, ref int agentCount, int agentLimit, out int series)
    {
        var hash = BytesTable.HashOf(key);
        return _keys.TryFind(key, hash, out series) ? SeriesStatus.Found : AddSlow(key, hash, ref agentCount, agentLimit, out series);
    }

    /// <summary>
    /// Looks up the cache of raw bytes (name and labels exactly as some agent sent them) → series number.
    /// Thread: any. Allocates: no. Blocks: no. Fails: returns false.
    /// </summary>
    public bool TryGetRaw(ReadOnlySpan<byte> raw, out int series) => Volatile.Read(ref _raw).TryFind(raw, BytesTable.HashOf(raw), out series);

    /// <summary>Remembers that <paramref name="raw"/> means <paramref name="series"/>. Bounded by the limit on series: when full, it starts anew.</summary>
    public void AddRaw(ReadOnlySpan<byte> raw, int series)
    {
        var hash = BytesTable.HashOf(raw);
        lock (_lock)
        {
            if (_raw.TryFind(raw, hash, out _)) return;
            if (_raw.Count >= _seriesMax) Volatile.Write(ref _raw, new BytesTable());
            _raw.Add(raw, hash, series);
        }
    }

    /// <summary>Recovery: a series read from the definitions file; numbers come in order.</summary>
    internal void Restore(int series, ReadOnlySpan<byte> key)
    {
        lock (_lock)
        {
            if (series != _count) throw new LogException($"Series number {series} follows {_count - 1} in the definitions file: it is damaged.");
            Append(key, BytesTable.HashOf(key));
        }
    }

    private SeriesStatus AddSlow(ReadOnlySpan<byte> key, ulong hash, ref int agentCount, int agentLimit, out int series)
    {
        lock (_lock)
        {
            if (_keys.TryFind(key, hash, out series)) return SeriesStatus.Found;
            if (_count >= _seriesMax) return SeriesStatus.OverServerLimit;
            if (agentCount >= agentLimit) return SeriesStatus.OverAgentLimit;
            agentCount++;
            series = _count;
            _definitions.Add(DefinitionQueue.SeriesKind, series, key);
            Append(key, hash);
            return SeriesStatus.Added;
        }
    }

    private void Append(ReadOnlySpan<byte> key, ulong hash)
    {
        if (_count == _positions.Length)
        {
            var grown = new long[_positions.Length * 2];
            _positions.CopyTo(grown, 0);
            Volatile.Write(ref _positions, grown);
            var metrics = new int[grown.Length];
            _metrics.CopyTo(metrics, 0);
            Volatile.Write(ref _metrics, metrics);
        }

        var name = new SeriesKeyReader(key).Name;
        var nameHash = BytesTable.HashOf(name);
        if (!_names.TryFind(name, nameHash, out _metrics[_count]))
        {
            _names.Add(name, nameHash, _count);
            _metrics[_count] = _count;
        }

        _positions[_count] = _keys.Add(key, hash, _count);
        Volatile.Write(ref _count, _count + 1); // Pairs with Volatile.Read in Count: the position is there when the count is.
    }
}
