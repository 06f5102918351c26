using System.Globalization;
using StackExchange.Redis;

namespace DataLayer.Engines.Redis;

/// <summary>
/// How far the data in the server are. One hash; in a cluster one in each sixteenth of the slots, written after the data of a batch: the least of them counts, and one that is
/// missing says that its node has lost what it had. Called by the engine alone, one call at a time.
/// </summary>
internal sealed class RedisPosition(RedisConnection connection, RedisKeys keys, string source)
{
    /// <summary>More than nodes usually are, so that each holds one; 1,024 slots each.</summary>
    private const int Ranges = 16;

    private RedisKey[] _keys = [];
    private long[] _stored = [];
    private long[] _moves = [];

    /// <summary>What the server holds for certain.</summary>
    public long Value => _stored.Length == 0 ? 0 : _stored.Min();

    /// <summary>The greatest time of any stored sample; long.MinValue: none.</summary>
    public long LastTime { get; private set; } = long.MinValue;

    /// <summary>The greatest time of any sample that a full window has dropped; long.MinValue: none.</summary>
    public long DroppedTime { get; private set; } = long.MinValue;

    /// <summary>Hashes that are missing while others are there.</summary>
    public int Missing { get; private set; }

    public int Count => _keys.Length;

    public async Task LoadAsync(CancellationToken cancellation)
    {
        await connection.DatabaseAsync(cancellation);
        if (_keys.Length == 0) _keys = connection.IsCluster ? RangeKeys() : [keys.Position(null)];
        RedisValue[] fields = [source, source + ":moves", "last_time", "dropped_time"];
        var read = await Task.WhenAll(_keys.Select(key => connection.CallAsync(database => database.HashGetAsync(key, fields), cancellation)));
        _stored = [.. read.Select(values => Number(values[0], 0))];
        _moves = [.. read.Select(values => Number(values[1], 0))];
        LastTime = read.Max(values => Number(values[2], long.MinValue));
        DroppedTime = read.Max(values => Number(values[3], long.MinValue));
        var missing = read.Count(values => values[0].IsNull);
        Missing = missing == read.Length ? 0 : missing;
    }

    /// <summary>Moves on to <paramref name="position"/> (0: stays). False where the server does not hold what it held: it has lost data, or another instance has set the position. <see cref="LoadAsync"/> tells.</summary>
    public async Task<bool> TryAdvanceAsync(long position, long lastTime, long droppedTime, CancellationToken cancellation)
    {
        var dropped = droppedTime == long.MinValue ? RedisValue.EmptyString : (RedisValue)droppedTime;
        var last = lastTime == long.MinValue ? RedisValue.EmptyString : (RedisValue)lastTime;
        var answers = await Task.WhenAll(_keys.Select((key, at) => connection.CallAsync(
            database => database.ScriptEvaluateAsync(RedisScripts.Advance, [key], [source, _moves[at], position, last, dropped, _stored[at]]), cancellation)));
        (LastTime, DroppedTime) = (Math.Max(LastTime, lastTime), Math.Max(DroppedTime, droppedTime));
        var isWhole = answers.All(answer => (string?)answer == "ok");
        if (isWhole) _stored = [.. _stored.Select(stored => Math.Max(stored, position))];
        return isWhole;
    }

    public async Task MoveAsync(long position, CancellationToken cancellation)
    {
        var moves = await Task.WhenAll(_keys.Select(key => connection.CallAsync(database => database.ScriptEvaluateAsync(RedisScripts.Move, [key], [source, position]), cancellation)));
        _moves = [.. moves.Select(move => (long)move)];
        Array.Fill(_stored, position);
        Missing = 0;
    }

    private static long Number(RedisValue value, long otherwise) =>
        value.IsNullOrEmpty ? otherwise : long.Parse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private RedisKey[] RangeKeys()
    {
        var found = new RedisKey[Ranges];
        for (var (left, number) = (Ranges, 0); left > 0; number++)
        {
            var key = keys.Position(number.ToString(CultureInfo.InvariantCulture));
            var range = connection.SlotOf(key) * Ranges / 16_384;
            if (!found[range].Equals(default(RedisKey))) continue;
            found[range] = key;
            left--;
        }

        return found;
    }
}
