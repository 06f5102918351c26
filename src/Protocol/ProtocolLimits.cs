namespace DataLayer.Protocol;

/// <summary>The limits of protocol.md sections 2 and 7: those that are fixed, and the defaults of those that are configurable.</summary>
public static class ProtocolLimits
{
    /// <summary>The version in hello and welcome.</summary>
    public const int Version = 1;

    /// <summary>Containers may be nested this deep; the message itself is the first level.</summary>
    public const int MaxDepth = 16;

    public const int MaxLabels = 64;
    public const int MaxNameBytes = 255;
    public const int MaxLabelNameBytes = 255;
    public const int MaxLabelValueBytes = 4096;

    /// <summary>Default of <c>max_message</c>.</summary>
    public const int MaxMessageBytes = 16 << 20;

    /// <summary>Default of <c>max_batch</c>: a batch unpacked.</summary>
    public const int MaxBatchBytes = 64 << 20;

    public const int MaxSeriesPerSchema = 65_536;
    public const int MaxSchemas = 4_096;
    public const long MaxSchemaMemoryBytes = 1L << 30;

    /// <summary>The earliest time of a sample: 1970-01-01T00:00:00Z.</summary>
    public const long MinTimeMicros = 0;

    /// <summary>A sample may be this far ahead of its arrival: one hour.</summary>
    public const long MaxFutureMicros = 3_600_000_000;

    /// <summary>A hello is due in this time where a token is required.</summary>
    public static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A message that was begun goes on within this time.</summary>
    public static readonly TimeSpan UnfinishedMessageTimeout = TimeSpan.FromSeconds(60);

    /// <summary>"No sample for this series at this instant" in a row; as a value elsewhere, a stale marker: the series ended here.</summary>
    public const ulong StaleMarkerBits = 0x7FF0_0000_0000_0002;

    /// <summary>The stale marker as a double. Compare by <see cref="IsStaleMarker"/>, never by ==.</summary>
    public static double StaleMarker => BitConverter.UInt64BitsToDouble(StaleMarkerBits);

    public static bool IsStaleMarker(double value) => BitConverter.DoubleToUInt64Bits(value) == StaleMarkerBits;
}
