using DataLayer.Ingest.Ring;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests.Ring;

/// <summary>The product's ring under the stress test.</summary>
internal sealed class RealRing(RecordRing ring) : IStressedRing
{
    public int Consumers => ring.Consumers.Count;

    public bool TryPublish(Record record) => ring.TryPublish(record);

    public long Next(int consumer, long sequence) => ring.Consumers[consumer].WaitForNext(sequence, TimeSpan.FromMilliseconds(100));

    public Record At(long sequence) => ring.Consumers[0].At(sequence);

    public void Advance(int consumer, long sequence) => ring.Consumers[consumer].Advance(sequence);
}
