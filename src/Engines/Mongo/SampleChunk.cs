using System.Runtime.InteropServices;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Mongo;

/// <summary>The samples of several series, as a cursor brings them in any order, sorted and each once. As many series at a time as are good for some hundred thousand samples. Owned by one reader.</summary>
internal sealed class SampleChunk
{
    /// <summary>Samples wanted of one question, about 50 MB here: fewer cost more questions.</summary>
    private const int SamplesWanted = 500_000;

    private const int SeriesMax = 500;

    private readonly Dictionary<long, List<StoredSample>> _samples = [];
    private int _seriesNext = 8;
    private long _samplesRead;
    private long _seriesRead;

    /// <summary>Parts of a list: few series at first, then as many as their samples allow.</summary>
    public IEnumerable<int[]> Cut(int[] series)
    {
        for (var from = 0; from < series.Length;)
        {
            var some = series[from..Math.Min(series.Length, from + _seriesNext)];
            yield return some;
            from += some.Length;
            _seriesRead += some.Length;
            _seriesNext = (int)Math.Clamp(SamplesWanted / Math.Max(1, _samplesRead / _seriesRead), 1, SeriesMax);
        }
    }

    public bool Fill(IEnumerable<StoredSample> samples)
    {
        _samples.Clear();
        foreach (var sample in samples)
        {
            ref var mine = ref CollectionsMarshal.GetValueRefOrAddDefault(_samples, sample.Id, out _);
            (mine ??= []).Add(sample);
            _samplesRead++;
        }

        return true;
    }

    /// <summary>Fills the columns with the samples of a series; false where there are none.</summary>
    public bool TryTake(long id, SeriesColumns columns)
    {
        columns.Clear();
        if (!_samples.Remove(id, out var samples)) return false;
        var span = CollectionsMarshal.AsSpan(samples);
        if (!IsSorted(span)) span.Sort((one, other) => one.Micros != other.Micros ? one.Micros.CompareTo(other.Micros) : one.Lsn.CompareTo(other.Lsn));
        columns.EnsureCapacity(span.Length);
        for (var at = 0; at < span.Length; at++)
        {
            if (at + 1 < span.Length && span[at + 1].Micros == span[at].Micros) continue;
            columns.Append(span[at].Micros, span[at].Value);
            columns.SetQuality(columns.Count - 1, span[at].Quality);
        }

        return true;
    }

    private static bool IsSorted(ReadOnlySpan<StoredSample> samples)
    {
        for (var at = 1; at < samples.Length; at++)
        {
            if (samples[at].Micros <= samples[at - 1].Micros) return false;
        }

        return true;
    }
}
