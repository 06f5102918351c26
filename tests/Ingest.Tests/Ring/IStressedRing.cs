using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests.Ring;

/// <summary>What the stress test asks of a ring: the real one, or one with a flaw that the test must find.</summary>
internal interface IStressedRing
{
    int Consumers { get; }

    bool TryPublish(Record record);

    /// <summary>The highest sequence to read now; may be <paramref name="sequence"/> again.</summary>
    long Next(int consumer, long sequence);

    Record At(long sequence);

    void Advance(int consumer, long sequence);
}
