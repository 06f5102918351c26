using System.Buffers;
using System.Text;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Events;

/// <summary>Events of a record's section as engines see them.</summary>
public static class EventText
{
    /// <summary>The event that the walker of <paramref name="section"/> stands at; its document stays where it is. Allocates: its texts.</summary>
    public static EngineEvent Read(in RecordEvents at, ReadOnlyMemory<byte> section)
    {
        var hasPlace = EventPlace.TryFind(at.Document, out var latitude, out var longitude);
        return new EngineEvent(
            Encoding.UTF8.GetString(at.Id),
            Encoding.UTF8.GetString(at.Type),
            Encoding.UTF8.GetString(at.Source),
            at.TimeMicros,
            section.Slice(at.DocumentAt, at.Document.Length),
            hasPlace ? latitude : null,
            hasPlace ? longitude : null);
    }

    /// <summary>By which ids are compared where they are many: 128 bits, so that two are never taken for one.</summary>
    public static UInt128 HashOf(ReadOnlySpan<byte> id) => System.IO.Hashing.XxHash128.HashToUInt128(id);

    public static UInt128 HashOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(id.Length));
        var hash = HashOf(bytes.AsSpan(0, Encoding.UTF8.GetBytes(id, bytes)));
        ArrayPool<byte>.Shared.Return(bytes);
        return hash;
    }
}
