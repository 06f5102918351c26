namespace DataLayer.Engines.Lake;

/// <summary>A samples file being written for a transaction. Owned by one thread.</summary>
internal sealed class SampleOutput(LakeContext context, PendingFile pending, ScaleMemory scales) : IDisposable
{
    private readonly SampleFileWriter _writer = new(pending.Temporary, context.Options, context.Catalog, context.SampleBuffers.Rent());
    private bool _disposed;

    public long Rows { get; private set; }

    public void Append(int series, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities)
    {
        Rows += times.Length;
        _writer.Append(series, times, values, qualities, ref scales.Of(series));
    }

    public LakeFile Finish(LakeTransaction transaction, bool late, int level)
    {
        _writer.Close();
        Dispose();
        return transaction.Finish(pending, _writer.RowGroups, late, level);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _writer.Dispose();
        context.SampleBuffers.Return(_writer.Buffer);
    }
}
