using System.Buffers;
using StackExchange.Redis;

namespace DataLayer.Engines.Redis;

/// <summary>The arguments of one call of a script while they are gathered: keys, values, and the bytes that the values point to. Owned by one writer.</summary>
internal sealed class ScriptCall : IDisposable
{
    private readonly List<RedisKey> _keys = [];
    private readonly List<RedisValue> _values = [];
    private readonly byte[] _bytes;
    private int _used;

    public ScriptCall(int capacityBytes, params ReadOnlySpan<RedisValue> first)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(capacityBytes);
        foreach (var value in first) _values.Add(value);
    }

    public int KeyCount => _keys.Count;

    public int ValueCount => _values.Count;

    /// <summary>Where the next value's bytes go.</summary>
    public Span<byte> Free => _bytes.AsSpan(_used);

    public void AddKey(in RedisKey key) => _keys.Add(key);

    public void Add(in RedisValue value) => _values.Add(value);

    public void Set(int at, in RedisValue value) => _values[at] = value;

    /// <summary>Adds the value that was written to <see cref="Free"/>.</summary>
    public void AddBytes(int length)
    {
        _values.Add(_bytes.AsMemory(_used, length));
        _used += length;
    }

    public Task<RedisResult> Send(IDatabase database, string script) => database.ScriptEvaluateAsync(script, [.. _keys], [.. _values]);

    /// <summary>Only when the call was answered: until then the driver may read the bytes.</summary>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
}
