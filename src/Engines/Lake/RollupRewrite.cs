using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Lake;

/// <summary>Makes the rollup rows anew that late samples touched: full rows, from all raw samples of the hour, which replace those of lower rank. Used once.</summary>
internal sealed class RollupRewrite(LakeContext context, LakeTransaction transaction, IReadOnlyList<LakeFile> files)
{
    private readonly List<RollupBucket> _minutes = [];
    private readonly List<RollupBucket> _hours = [];

    /// <param name="touches">What was touched in the hour whose samples <c>files</c> hold, in order of rank.</param>
    public void Run(LateTouches touches, CancellationToken cancellation)
    {
        using var minuteOutput = new RollupOutput(context, transaction, LakeFileKind.RollupMinute, full: true);
        using var hourOutput = new RollupOutput(context, transaction, LakeFileKind.RollupHour, full: true);
        int[] wanted = [.. touches.Series];
        SeriesOrder.Sort(context.Catalog, wanted);
        var scan = new SampleScan(files, context, cache: null);
        foreach (var columns in scan.Read(wanted, long.MinValue, long.MaxValue, cancellation))
        {
            var touched = touches.MinutesOf(columns.Series);
            _minutes.Clear();
            _hours.Clear();
            RollupBuilder.Build(
                columns.Times.AsSpan(0, columns.Count), columns.Values.AsSpan(0, columns.Count), LakeLayout.MicrosPerMinute,
                context.Sketches.Wants(columns.Series), _minutes);
            RollupBuilder.Fold(_minutes, 0, LakeLayout.MicrosPerHour, _hours);
            Append(minuteOutput, columns.Series, _minutes, touched);
            Append(hourOutput, columns.Series, _hours, touched.Select(minute => LakeLayout.FloorTo(minute, LakeLayout.MicrosPerHour)).Distinct());
        }

        minuteOutput.Finish();
        hourOutput.Finish();
    }

    // A touched bucket without samples gets a row of count 0: the rows that it replaces may have had some.
    private static void Append(RollupOutput output, int series, List<RollupBucket> buckets, IEnumerable<long> touched)
    {
        var at = 0;
        foreach (var start in touched)
        {
            while (at < buckets.Count && buckets[at].Start < start) at++;
            output.Append(series, at < buckets.Count && buckets[at].Start == start ? buckets[at] : new RollupBucket(start, 0, 0, 0, 0, start, 0, start, 0, null));
        }
    }
}
