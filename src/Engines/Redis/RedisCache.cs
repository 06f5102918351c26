using System.Buffers.Binary;
using K4os.Compression.LZ4;

namespace DataLayer.Engines.Redis;

/// <summary>
/// A cache of bytes in the server of an engine: answers to queries that several daemons may share. A value that is too large is not kept; one that cannot be read counts as absent.
/// Keys are <c>datalayer:cache:…</c>. Any thread.
/// </summary>
public sealed class RedisCache
{
    private const byte Plain = 0;
    private const byte Lz4 = 1;

    /// <summary>Format, length before compression.</summary>
    private const int HeaderBytes = 5;

    private readonly RedisConnection _connection;
    private readonly RedisKeys _keys;
    private readonly RedisOptions _options;

    internal RedisCache(RedisConnection connection, RedisKeys keys, RedisOptions options) => (_connection, _keys, _options) = (connection, keys, options);

    /// <summary>Keeps a value for a while. False where it is larger than the setting CacheValueBytes. Throws <see cref="EngineException"/>.</summary>
    /// <param name="ttl">At least a millisecond.</param>
    public async ValueTask<bool> TrySetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan ttl, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(ttl, TimeSpan.FromMilliseconds(1));
        if (value.Length > _options.CacheValueBytes) return false;
        var packed = Pack(value.Span);
        return await _connection.CallAsync(database => database.StringSetAsync(_keys.Cache(key), packed, ttl), cancellation);
    }

    /// <summary>The value, or null where there is none. Throws <see cref="EngineException"/>.</summary>
    public async ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return Unpack((byte[]?)await _connection.CallAsync(database => database.StringGetAsync(_keys.Cache(key)), cancellation));
    }

    internal byte[] Pack(ReadOnlySpan<byte> value)
    {
        var packed = new byte[HeaderBytes + value.Length];
        BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(1), value.Length);
        if (value.Length >= _options.CacheCompressBytes)
        {
            // Negative where the result would not be smaller.
            var length = LZ4Codec.Encode(value, packed.AsSpan(HeaderBytes, value.Length - 1));
            if (length > 0)
            {
                packed[0] = Lz4;
                return packed[..(HeaderBytes + length)];
            }
        }

        packed[0] = Plain;
        value.CopyTo(packed.AsSpan(HeaderBytes));
        return packed;
    }

    /// <summary>Null where the bytes are none of ours, or larger than allowed.</summary>
    internal byte[]? Unpack(ReadOnlySpan<byte> packed)
    {
        if (packed.Length < HeaderBytes) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(packed[1..]);
        if (length < 0 || length > _options.CacheValueBytes) return null;
        var body = packed[HeaderBytes..];
        if (packed[0] == Plain) return body.Length == length ? body.ToArray() : null;
        if (packed[0] != Lz4) return null;
        var value = new byte[length];
        return LZ4Codec.Decode(body, value) == length ? value : null;
    }
}
