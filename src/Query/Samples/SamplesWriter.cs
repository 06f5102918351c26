using DataLayer.Query.Answers;

namespace DataLayer.Query.Samples;

/// <summary>Writes the answer to a samples query into a buffer, series by series. Owned by one query.</summary>
internal abstract class SamplesWriter(AnswerBuffer buffer) : IDisposable
{
    protected AnswerBuffer Buffer { get; } = buffer;

    public static SamplesWriter Create(ResultFormat format, AnswerBuffer buffer) =>
        format == ResultFormat.Csv ? new CsvSamplesWriter(buffer) : new JsonSamplesWriter(buffer);

    public abstract void Begin(SamplesQuery query);

    public abstract void BeginSeries(ReadOnlySpan<byte> key);

    public abstract void Sample(long timeMicros, double value, float quality);

    public abstract void EndSeries();

    public abstract void End(bool isTruncated);

    /// <summary>Puts everything written so far into the buffer.</summary>
    public virtual void Drain()
    {
    }

    public virtual void Dispose()
    {
    }
}
