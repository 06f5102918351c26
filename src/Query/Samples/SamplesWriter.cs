using System.Buffers;
using DataLayer.Ingest.Records;

namespace DataLayer.Query.Samples;

/// <summary>Writes samples as text, series by series. Owned by one thread; what several have written makes one answer.</summary>
internal abstract class SamplesWriter : IDisposable
{
    /// <summary>At the front of each series; the first one of an answer goes without.</summary>
    public abstract ReadOnlySpan<byte> Separator { get; }

    /// <summary>At the end of each series.</summary>
    public abstract ReadOnlySpan<byte> SeriesEnd { get; }

    public static SamplesWriter Create(ResultFormat format) => format == ResultFormat.Csv ? new CsvSamplesWriter() : new JsonSamplesWriter();

    /// <summary>Writes series, each with all its rows and at least one, as blocks that are given out when they are full.</summary>
    public IEnumerable<TextBlock> Write(IEnumerable<SeriesColumns> series, SeriesNames names)
    {
        TextBlock? block = null;
        foreach (var rows in series)
        {
            block ??= new TextBlock(isContinued: false);
            block.Write(Separator);
            BeginSeries(block, names.KeyOf(rows.Series));
            for (var next = WriteRows(block, rows, 0); next < rows.Count; next = WriteRows(block, rows, next))
            {
                yield return block;
                block = new TextBlock(isContinued: true);
            }

            block.Write(SeriesEnd);
            if (!block.IsFull) continue;
            yield return block;
            block = null;
        }

        if (block is not null) yield return block;
    }

    public abstract void Begin(IBufferWriter<byte> text);

    public abstract void End(IBufferWriter<byte> text, bool isTruncated);

    public virtual void Dispose()
    {
    }

    protected abstract void BeginSeries(TextBlock text, ReadOnlySpan<byte> key);

    /// <summary>Writes the rows from <paramref name="next"/> on until the block is full, one at least; returns the row to go on with.</summary>
    protected abstract int WriteRows(TextBlock text, SeriesColumns rows, int next);
}
