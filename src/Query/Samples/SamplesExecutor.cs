using DataLayer.Engines;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Ingest.Shards;
using DataLayer.Query.Answers;

namespace DataLayer.Query.Samples;

/// <summary>Runs one samples query over a pair of views that fit each other: hot samples that the engine's view does not hold, and the engine's. Owned by one query.</summary>
internal sealed class SamplesExecutor(SamplesQuery query, ISeriesCatalog catalog, HotSnapshot hot, IEngineSnapshot stored, AnswerBuffer buffer, SamplesWriter writer)
{
    private readonly SeriesColumns _hotColumns = new();
    private readonly SeriesMerge _merge = new();
    private int _rowsLeft = query.Limit;
    private bool _isTruncated;

    public async Task RunAsync(int[] series, CancellationToken cancellation)
    {
        writer.Begin(query);
        if (query.StepMicros is null && query.Aggregation is null) await RawAsync(series, cancellation).ConfigureAwait(false);
        else await BucketsAsync(series, cancellation).ConfigureAwait(false);
        writer.End(_isTruncated);
        writer.Drain();
        await buffer.FlushAsync(cancellation).ConfigureAwait(false);
    }

    private async Task RawAsync(int[] series, CancellationToken cancellation)
    {
        foreach (var samples in MergedSeries(series, cancellation))
        {
            if (!BeginSeries(catalog.KeyOf(samples.Series))) return;
            for (var i = 0; i < samples.Count; i++)
            {
                if (!await EmitAsync(samples.Times[i], samples.Values[i], samples.Qualities is { } q ? q[i] : 1f, cancellation).ConfigureAwait(false)) break;
            }

            writer.EndSeries();
            if (_isTruncated) return;
        }
    }

    private async Task BucketsAsync(int[] series, CancellationToken cancellation)
    {
        var aggregation = query.Aggregation ?? new Aggregation(AggregationKind.Average, 0);
        var grid = new BucketGrid(query.StartMicros, query.EndMicros, query.StepMicros);

        // Quantiles are exact where the raw samples are; where retention has removed some, sketches answer the whole range.
        var segments = SamplesPlan.Make(grid, aggregation.IsQuantile ? stored.RawFromMicros : long.MaxValue);
        var bySketches = aggregation.IsQuantile && segments.Exists(segment => segment.Resolution is not null);
        if (!aggregation.IsDerivable && !bySketches)
        {
            await ComputedAsync(series, grid, aggregation, cancellation).ConfigureAwait(false);
            return;
        }

        var groups = query.By is { } labels ? new SeriesGroups(catalog, series, query.Name!, labels) : null;
        var lists = new BucketReader(grid, segments, hot, stored, aggregation.Fields, groups).Read(series, cancellation);
        foreach (var (number, buckets) in query.Top is { } top ? Greatest(lists, top, aggregation) : lists)
        {
            if (!BeginSeries(groups is null ? catalog.KeyOf(number) : groups.KeyOf(number))) return;
            for (var i = 0; i < buckets.Buckets.Length; i++)
            {
                var (start, value) = Of(buckets, i, aggregation);
                if (value is { } known && !await EmitAsync(start, known, 1f, cancellation).ConfigureAwait(false)) break;
            }

            writer.EndSeries();
            if (_isTruncated) return;
        }
    }

    /// <summary>Those with the greatest values, greatest first; of equal ones, those that came first.</summary>
    private static List<(int Number, BucketList Buckets)> Greatest(IEnumerable<(int Number, BucketList Buckets)> lists, int top, Aggregation aggregation)
    {
        var kept = new PriorityQueue<(int Number, BucketList Buckets), (double Value, int Number)>();
        foreach (var list in lists)
        {
            if (list.Buckets.Buckets[0].Value(aggregation) is not { } value) continue;
            kept.Enqueue(list, (value, -list.Number));
            if (kept.Count > top) kept.Dequeue();
        }

        var ranked = new List<(int Number, BucketList Buckets)>(kept.Count);
        while (kept.TryDequeue(out var list, out _)) ranked.Add(list);
        ranked.Reverse();
        return ranked;
    }

    /// <summary>Rate and quantiles: from the merged samples themselves, one bucket in memory at a time.</summary>
    private async Task ComputedAsync(int[] series, BucketGrid grid, Aggregation aggregation, CancellationToken cancellation)
    {
        var values = new List<double>();
        foreach (var samples in MergedSeries(series, cancellation))
        {
            var hasBegun = false;
            for (var from = 0; from < samples.Count && !_isTruncated;)
            {
                var start = grid.StartOf(samples.Times[from]);
                var to = from + 1;
                while (to < samples.Count && grid.StartOf(samples.Times[to]) == start) to++;
                var value = Compute(samples, from, to, grid.Extent(start), aggregation, values);
                from = to;
                if (value is not { } known) continue;
                if (!hasBegun && !BeginSeries(catalog.KeyOf(samples.Series))) return;
                hasBegun = true;
                await EmitAsync(start, known, 1f, cancellation).ConfigureAwait(false);
            }

            if (hasBegun) writer.EndSeries();
            if (_isTruncated) return;
        }
    }

    private static (long Start, double? Value) Of(BucketList buckets, int index, Aggregation aggregation)
    {
        ref readonly var bucket = ref buckets.Buckets[index];
        return (bucket.Start, bucket.Value(aggregation));
    }

    private static double? Compute(SeriesColumns samples, int from, int to, (long Start, long End) extent, Aggregation aggregation, List<double> scratch)
    {
        var values = samples.Values.AsSpan(from, to - from);
        if (aggregation.Kind == AggregationKind.Rate) return CounterRate.Of(samples.Times.AsSpan(from, to - from), values, extent.Start, extent.End);
        scratch.Clear();
        foreach (var value in values)
        {
            if (!double.IsNaN(value)) scratch.Add(value);
        }

        return scratch.Count == 0 ? null : Quantile.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(scratch), aggregation.Quantile);
    }

    /// <summary>Each series that has samples in the range, in order, stored and hot samples as one. The columns are valid until the next series.</summary>
    private IEnumerable<SeriesColumns> MergedSeries(int[] series, CancellationToken cancellation)
    {
        foreach (var part in SeriesParts.Of(series))
        {
            var next = 0;
            foreach (var columns in stored.ReadSamples(part, query.StartMicros, query.EndMicros, cancellation))
            {
                while (part[next] != columns.Series)
                {
                    if (ReadHot(part[next++]) is { Count: > 0 } alone) yield return alone;
                }

                var merged = _merge.Merge(columns, ReadHot(part[next++]));
                merged.Series = columns.Series;
                if (merged.Count > 0) yield return merged;
            }

            while (next < part.Length)
            {
                cancellation.ThrowIfCancellationRequested();
                if (ReadHot(part[next++]) is { Count: > 0 } alone) yield return alone;
            }
        }
    }

    private SeriesColumns ReadHot(int series)
    {
        _hotColumns.Clear();
        _hotColumns.Series = series;
        hot.Read(series, query.StartMicros, query.EndMicros, _hotColumns);
        return _hotColumns;
    }

    private bool BeginSeries(ReadOnlySpan<byte> key)
    {
        if (_rowsLeft == 0)
        {
            _isTruncated = true;
            return false;
        }

        writer.BeginSeries(key);
        return true;
    }

    /// <summary>Writes one row; false when the limit is reached, and the answer is cut here.</summary>
    private ValueTask<bool> EmitAsync(long time, double value, float quality, CancellationToken cancellation)
    {
        if (_rowsLeft == 0)
        {
            _isTruncated = true;
            return ValueTask.FromResult(false);
        }

        _rowsLeft--;
        writer.Sample(time, value, quality);
        return buffer.IsFull ? FlushSlowAsync(cancellation) : ValueTask.FromResult(true);
    }

    private async ValueTask<bool> FlushSlowAsync(CancellationToken cancellation)
    {
        writer.Drain();
        await buffer.FlushAsync(cancellation).ConfigureAwait(false);
        return true;
    }
}
