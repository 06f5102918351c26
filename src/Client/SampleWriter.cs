using DataLayer.Protocol;

namespace DataLayer.Client;

/// <summary>Writes a <see cref="MetricSample"/> as a sample line (protocol.md section 2.1). Its content is checked by the daemon alone.</summary>
internal static class SampleWriter
{
    // One array per thread, used again: a dictionary gives no span of its pairs.
    [ThreadStatic]
    private static KeyValuePair<string, string>[]? t_labels;

    public static void Write(MsgPackWriter writer, in MetricSample sample, DateTimeOffset now)
    {
        if (sample.Name is null) throw new ArgumentException("a sample without a name: set MetricSample.Name");
        MessageEncoder.WriteLine(writer, sample.Name, Labels(sample.Labels), UnixMicros(sample.Time ?? now), sample.Value, (float)sample.QualityScore);
    }

    public static long UnixMicros(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static ReadOnlySpan<KeyValuePair<string, string>> Labels(IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null || labels.Count == 0) return default;
        if (t_labels is null || t_labels.Length < labels.Count) t_labels = new KeyValuePair<string, string>[Math.Max(labels.Count, ProtocolLimits.MaxLabels)];
        var count = 0;
        foreach (var label in labels) t_labels[count++] = label;
        return t_labels.AsSpan(0, count);
    }
}
