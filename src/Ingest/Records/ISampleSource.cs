namespace DataLayer.Ingest.Records;

/// <summary>
/// A columnar batch of samples on its way to an engine: series by series, in <see cref="Series.SeriesOrder"/>, each with ascending times
/// and one sample per time (the later arrival has won). Read once from front to back; <see cref="Reset"/> starts anew for a retry.
/// </summary>
public interface ISampleSource
{
    /// <summary>The batch holds the records after this LSN …</summary>
    long AfterLsn { get; }

    /// <summary>… up to and including this one. An engine that has stored the batch stands at this position.</summary>
    long EndLsn { get; }

    /// <summary>Samples in the batch, before duplicates within it are taken out.</summary>
    long SampleCount { get; }

    /// <summary>Fills <paramref name="columns"/> with the next series; false at the end.</summary>
    bool TryNext(SeriesColumns columns);

    void Reset();

    /// <summary>At most so many sources, which together hold the batch: each a range of series, in order. They may be read at once, each by one thread.</summary>
    IReadOnlyList<ISampleSource> Split(int parts);
}
