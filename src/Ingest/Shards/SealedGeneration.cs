using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Shards;

/// <summary>A generation of the hot store that takes no more samples: the source of one flush to the lake.</summary>
public sealed class SealedGeneration : ISampleSource
{
    public long AfterLsn => throw new NotImplementedException();

    public long EndLsn => throw new NotImplementedException();

    public long SampleCount => throw new NotImplementedException();

    public bool TryNext(SeriesColumns columns) => throw new NotImplementedException();

    public void Reset() => throw new NotImplementedException();
}
