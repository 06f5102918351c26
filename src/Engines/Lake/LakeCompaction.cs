namespace DataLayer.Engines.Lake;

/// <summary>
/// Merges files of one partition, streaming, series by series: memory is a row group per input and the samples of one series. Owned by: the maintenance worker.
/// </summary>
internal sealed class LakeCompaction(LakeContext context)
{
    private readonly ScaleMemory _scales = new();

    /// <summary>Replaces neighbours by rank by one file, or several where that would grow too large; <paramref name="isOldest"/>: no file of the partition is older.</summary>
    public void Merge(IReadOnlyList<LakeFile> inputs, bool isOldest, CancellationToken cancellation)
    {
        using var transaction = new LakeTransaction(context);
        if (inputs[0].Kind == LakeFileKind.Samples) MergeSamples(transaction, inputs, isOldest, cancellation);
        else if (inputs[0].Kind == LakeFileKind.Series) MergeSeries(transaction, inputs);
        else if (inputs[0].Kind == LakeFileKind.Events) EventMerge.Run(context, transaction, inputs, cancellation);
        else MergeRollups(transaction, inputs, cancellation);
        transaction.Commit(inputs.Select(file => file.Number).ToHashSet(), manifest => manifest);
    }

    private void MergeSamples(LakeTransaction transaction, IReadOnlyList<LakeFile> inputs, bool isOldest, CancellationToken cancellation)
    {
        var (rank, level) = (inputs.Max(file => file.Rank), inputs.Max(file => file.Level) + 1);
        var late = !isOldest && inputs.Any(file => file.IsLate);
        var cursors = new List<SampleCursor>();
        SampleOutput? output = null;
        try
        {
            foreach (var file in inputs) cursors.Add(new SampleCursor(file, context));
            var merger = new SeriesMerger();
            while (cursors.MinBy(cursor => cursor.Order)!.Series is var series && series != int.MaxValue)
            {
                cancellation.ThrowIfCancellationRequested();
                merger.Begin(series);
                foreach (var cursor in cursors)
                {
                    for (; cursor.Series == series; cursor.MoveNext()) merger.Add(cursor.Times, cursor.Values, cursor.Qualities);
                }

                if (output?.Rows >= context.Options.FileRowsMax)
                {
                    output.Finish(transaction, late, level);
                    output = null;
                }

                output ??= new SampleOutput(context, transaction.Begin(LakeFileKind.Samples, inputs[0].PartitionStart, rank), _scales);
                var columns = merger.Columns;
                output.Append(
                    series, columns.Times.AsSpan(0, columns.Count), columns.Values.AsSpan(0, columns.Count),
                    columns.Qualities is { } stated ? stated.AsSpan(0, columns.Count) : default);
            }

            output?.Finish(transaction, late, level);
        }
        finally
        {
            output?.Dispose();
            foreach (var cursor in cursors) cursor.Dispose();
        }
    }

    private void MergeRollups(LakeTransaction transaction, IReadOnlyList<LakeFile> inputs, CancellationToken cancellation)
    {
        var pending = transaction.Begin(inputs[0].Kind, inputs[0].PartitionStart, inputs.Max(file => file.Rank));
        var cursors = new List<RollupCursor>();
        using var writer = new RollupFileWriter(pending.Temporary, context);
        try
        {
            foreach (var file in inputs) cursors.Add(new RollupCursor(file, context));
            var fold = new RollupFold();
            while (cursors.MinBy(cursor => cursor.Order)!.Series is var series && series != int.MaxValue)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var cursor in cursors)
                {
                    for (; cursor.Series == series; cursor.MoveNext()) fold.Add(cursor.Bucket, cursor.IsFull);
                }

                fold.Drain(series, writer);
            }

            writer.Close();
        }
        finally
        {
            foreach (var cursor in cursors) cursor.Dispose();
        }

        transaction.Finish(pending, writer.RowGroups, level: inputs.Max(file => file.Level) + 1);
    }

    // Series never change: the catalog has what the inputs have.
    private void MergeSeries(LakeTransaction transaction, IReadOnlyList<LakeFile> inputs)
    {
        var (first, last) = (inputs.Min(file => file.MinSeries), inputs.Max(file => file.MaxSeries));
        var pending = transaction.Begin(LakeFileKind.Series, 0, inputs.Max(file => file.Rank));
        SeriesFileWriter.Write(pending.Temporary, context.Options, context.Catalog, first, last + 1);
        transaction.Finish(pending, [new RowGroupStats(last - first + 1, 0, 0, first, last, 0, 0)], level: inputs.Max(file => file.Level) + 1);
    }
}
