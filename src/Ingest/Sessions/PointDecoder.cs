using System.Runtime.CompilerServices;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// Points: <c>{"name", "tags", "time", "fields"}</c> in any order, other keys passed over (protocol.md section 2.2). A field that cannot be a series
/// is rejected alone. Fields are staged and added when the whole point has been read. Owned by a session.
/// </summary>
internal sealed class PointDecoder(Intake intake, MemoryBudget cacheBudget) : IDisposable
{
    /// <summary>A point with more fields than this is an odd one: its stage (12 bytes each) is not kept.</summary>
    private const int MaxKeptFields = 65_536;

    private readonly PointCache _cache = new(cacheBudget);

    // Of the point under way.
    private readonly List<Fault> _faults = [];
    private int[] _series = [];
    private double[] _values = [];
    private int _staged;
    private int _skipped;

    /// <summary>
    /// Decodes one point. A fault may also mean that the bytes end too early: the caller finds out. Nothing is done before all has been read.
    /// Thread: the session's. Allocates: no; for a new series or a new set of tags, yes. Blocks: no. Fails: returns the fault.
    /// </summary>
    public Fault Decode(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        _staged = _skipped = 0;
        _faults.Clear();
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadMapHeader(out var pairs)) return Fault.PointShape;
        var parts = default(Parts);
        parts.TimeMicros = intake.ArrivalMicros;
        for (; pairs > 0; pairs--)
        {
            var fault = ReadPair(ref reader, ref parts, isLast: pairs == 1);
            if (fault != Fault.None) return fault;
        }

        if (parts.Name.IsEmpty || !parts.HasFields) return Fault.PointShape;
        if (!parts.FieldsRead)
        {
            var fields = new MsgPackReader(bytes[parts.FieldsAt..]);
            parts.IsWhole = true;
            var fault = ReadFields(ref fields, ref parts);
            if (fault != Fault.None) return fault;
        }

        if (!intake.IsTimeAllowed(parts.TimeMicros))
        {
            intake.FaultSamples = _staged + _faults.Count;
            return Fault.TimeOutOfRange;
        }

        length = reader.Position;
        Commit(parts.TimeMicros);
        return Fault.None;
    }

    public void Dispose() => _cache.Dispose();

    private Fault ReadPair(ref MsgPackReader reader, ref Parts parts, bool isLast)
    {
        if (!reader.TryReadString(out var key)) return TrySkipValue(ref reader) && TrySkipValue(ref reader) ? Fault.None : Fault.PointShape;
        if (key.SequenceEqual("name"u8)) return reader.TryReadString(out parts.Name) ? Fault.None : Fault.PointShape;
        if (key.SequenceEqual("time"u8)) return intake.TryReadTime(ref reader, out parts.TimeMicros) ? Fault.None : Fault.TimeNotATime;
        if (key.SequenceEqual("tags"u8)) return ReadTags(ref reader, ref parts);
        if (!key.SequenceEqual("fields"u8)) return TrySkipValue(ref reader) ? Fault.None : Fault.PointShape;
        parts.HasFields = true;
        if (isLast && !parts.Name.IsEmpty)
        {
            parts.FieldsRead = true;
            return ReadFields(ref reader, ref parts);
        }

        parts.FieldsRead = false;
        parts.FieldsAt = reader.Position;
        return TrySkipValue(ref reader) ? Fault.None : Fault.PointShape;
    }

    private Fault ReadTags(ref MsgPackReader reader, ref Parts parts)
    {
        var start = reader.Position;
        if (_cache.Expected is { Tags.Length: > 0 } expected && reader.Rest.StartsWith(expected.Tags))
        {
            reader.Advance(expected.Tags.Length);
            parts.Tags = expected.Tags;
            return Fault.None;
        }

        if (!reader.TryReadNil())
        {
            if (!reader.TryReadMapHeader(out var count)) return Fault.LabelsNotStrings;
            for (; count > 0; count--)
            {
                if (!reader.TryReadString(out _) || !reader.TryReadString(out _)) return Fault.LabelsNotStrings;
            }
        }

        parts.Tags = reader.Since(start);
        return Fault.None;
    }

    private Fault ReadFields(ref MsgPackReader reader, ref Parts parts)
    {
        if (!reader.TryReadMapHeader(out var count)) return Fault.PointShape;
        if (_series.Length < count) GrowSlow(count);
        var entry = Enter(parts.Name, parts.Tags);
        var at = 0;
        for (var left = count - 1; left >= 0; left--)
        {
            var key = reader.Rest;
            if (entry is not null && entry.TryFind(key, ref at, out var series, out var keyLength))
            {
                reader.Advance(keyLength);
            }
            else
            {
                if (!reader.TryReadString(out _)) return Fault.FieldNotAString;
                keyLength = key.Length - reader.Remaining;
                series = PointEntry.Unknown;
            }

            if (!TryReadNumber(ref reader, out var value))
            {
                if (!reader.TrySkip(ProtocolLimits.MaxDepth - 2)) return Fault.PointShape;
                _skipped++;
                if (series == PointEntry.Unknown && entry is not null) at = _cache.AddField(entry, key[..keyLength], PointEntry.Unresolved, at);
            }
            else if (series >= 0)
            {
                _series[_staged] = series;
                _values[_staged++] = value;
            }
            else
            {
                // Nothing is registered for a point whose end has not arrived.
                if (!parts.IsWhole && !IsWhole(reader, left)) return Fault.PointShape;
                parts.IsWhole = true;
                StageSlow(entry, key[..keyLength], value, series, ref at, parts.Name, parts.Tags);
            }

            at++;
        }

        return Fault.None;
    }

    private static bool TrySkipValue(ref MsgPackReader reader) => reader.TrySkip(ProtocolLimits.MaxDepth - 1);

    private static bool TryReadNumber(ref MsgPackReader reader, out double value)
    {
        if (reader.TryReadDouble(out value)) return true;
        if (!reader.TryReadBoolean(out var flag)) return false;
        value = flag ? 1 : 0;
        return true;
    }

    private static bool IsWhole(MsgPackReader reader, int pairs)
    {
        for (; pairs > 0; pairs--)
        {
            if (!reader.TrySkip() || !reader.TrySkip()) return false;
        }

        return true;
    }

    private PointEntry? Enter(ReadOnlySpan<byte> name, ReadOnlySpan<byte> tags)
    {
        // Tags that were recognized are the expected entry's own: the same memory.
        if (_cache.Expected is not { } expected || !(tags == expected.Tags || tags.SequenceEqual(expected.Tags)) || !name.SequenceEqual(expected.Name))
        {
            return _cache.FindOrAdd(name, tags);
        }

        _cache.Use(expected);
        return expected;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void StageSlow(
        PointEntry? entry, ReadOnlySpan<byte> encodedKey, double value, int known, ref int at, ReadOnlySpan<byte> name, ReadOnlySpan<byte> tags)
    {
        var fault = Resolve(encodedKey, name, tags, out var series);
        if (fault != Fault.None)
        {
            // Not remembered: the limit of series may be lifted. A bad name costs its sender the most.
            _faults.Add(fault);
            return;
        }

        if (known == PointEntry.Unresolved) entry!.Set(at, series);
        else if (entry is not null) at = _cache.AddField(entry, encodedKey, series, at);
        _series[_staged] = series;
        _values[_staged++] = value;
    }

    private Fault Resolve(ReadOnlySpan<byte> encodedKey, ReadOnlySpan<byte> name, ReadOnlySpan<byte> tags, out int series)
    {
        series = -1;
        var reader = new MsgPackReader(encodedKey);
        reader.TryReadString(out var field);
        if (field.IsEmpty) return Fault.FieldEmpty;
        intake.Key.Begin(name, field.SequenceEqual("value"u8) ? default : field);
        reader = new MsgPackReader(tags);
        if (!tags.IsEmpty) intake.TryAddLabels(ref reader);
        return intake.Resolve(out series);
    }

    private void Commit(long timeMicros)
    {
        var record = intake.Record;
        for (var i = 0; i < _staged; i++) record.AddSample(_series[i], timeMicros, _values[i]);
        intake.Counters.Received += _staged;
        intake.Counters.SkippedFields += _skipped;
        foreach (var fault in _faults) intake.Reject(fault, 1);
        if (_series.Length > MaxKeptFields) (_series, _values) = ([], []);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowSlow(int count)
    {
        var length = Math.Max(16, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count));
        (_series, _values) = (new int[length], new double[length]);
    }

    private ref struct Parts
    {
        public ReadOnlySpan<byte> Name;
        public ReadOnlySpan<byte> Tags;
        public long TimeMicros;
        public int FieldsAt;
        public bool HasFields;
        public bool FieldsRead;

        /// <summary>All of the point's bytes are known to be there.</summary>
        public bool IsWhole;
    }
}
