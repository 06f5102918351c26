namespace DataLayer.Engines.Lake;

/// <summary>The rollup files of one resolution that a flush writes, one per day; rows come by ascending series and start within a day. Owned by: the writer.</summary>
internal sealed class RollupOutput(LakeContext context, LakeTransaction transaction, LakeFileKind kind, bool full) : IDisposable
{
    private readonly Dictionary<long, (PendingFile Pending, RollupFileWriter Writer)> _days = [];

    public void Append(int series, in RollupBucket bucket)
    {
        var day = LakeLayout.DayOf(bucket.Start);
        if (!_days.TryGetValue(day, out var output))
        {
            var pending = transaction.Begin(kind, day);
            output = (pending, new RollupFileWriter(pending.Temporary, context));
            _days.Add(day, output);
        }

        output.Writer.Append(series, bucket, full);
    }

    public void Finish()
    {
        foreach (var (pending, writer) in _days.Values)
        {
            writer.Close();
            writer.Dispose();
            transaction.Finish(pending, writer.RowGroups);
        }

        _days.Clear();
    }

    public void Dispose()
    {
        foreach (var (_, writer) in _days.Values) writer.Dispose();
    }
}
