using System.Buffers.Binary;
using System.Collections.Concurrent;
using DataLayer.Ingest.Records;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests.Ring;

/// <summary>
/// Producers and consumers at full speed on one ring, records used again as the pipeline does. Each consumer must see every record once, whole, in the
/// order of LSNs, and each producer's in the producer's order.
/// </summary>
/// <param name="patience">How long nothing may move before the ring counts as stuck.</param>
internal sealed class RingStress(IStressedRing ring, int producers, int perProducer, TimeSpan patience)
{
    private readonly ConcurrentBag<Record> _free = [];
    private string? _fault;
    private long _read;

    /// <summary>What was seen that must not be; null: nothing.</summary>
    public string? Run()
    {
        Thread[] threads =
        [
            .. Enumerable.Range(0, ring.Consumers).Select(consumer => new Thread(() => Guard(() => Consume(consumer)))),
            .. Enumerable.Range(0, producers).Select(producer => new Thread(() => Guard(() => Produce(producer)))),
        ];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads)
        {
            for (var before = -1L; !thread.Join(patience) && _fault is null; before = Interlocked.Read(ref _read))
            {
                if (before == Interlocked.Read(ref _read)) Tell("the ring is stuck");
            }

            thread.Join();
        }

        return _fault;
    }

    private void Produce(int producer)
    {
        for (var i = 1L; i <= perProducer; i++)
        {
            if (!_free.TryTake(out var record)) record = new Record(64);
            record.Complete(producer, i, i);
            while (!ring.TryPublish(record))
            {
                if (Volatile.Read(ref _fault) is not null) return;
                Thread.Yield();
            }
        }
    }

    private void Consume(int consumer)
    {
        var last = new long[producers];
        var sequence = 0L;
        while (sequence < (long)producers * perProducer && Volatile.Read(ref _fault) is null)
        {
            var available = ring.Next(consumer, sequence);
            if (available == sequence) Thread.Yield();
            while (sequence < available)
            {
                var record = ring.At(++sequence);
                Check(record, sequence, last);
                ring.Advance(consumer, sequence);
                Interlocked.Increment(ref _read);
                if (Interlocked.Decrement(ref record.Pending) != 0) continue;
                record.Clear();
                _free.Add(record);
            }
        }
    }

    private void Check(Record record, long sequence, long[] last)
    {
        var header = record.Bytes[..RecordLayout.HeaderBytes];
        if (record.Lsn != sequence) Tell($"{sequence} shows the record {record.Lsn}");
        else if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Crc32C.Of(header[RecordLayout.LengthAt..])) Tell($"{sequence} is not whole");
        else if (record.BatchSeq != ++last[record.Agent]) Tell($"{sequence} is number {record.BatchSeq} of its producer instead of {last[record.Agent]}");
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception fault) when (fault is NullReferenceException or IndexOutOfRangeException or ArgumentException)
        {
            Tell(fault.Message); // A flawed ring shows slots that hold nothing.
        }
    }

    private void Tell(string fault) => Interlocked.CompareExchange(ref _fault, fault, null);
}
