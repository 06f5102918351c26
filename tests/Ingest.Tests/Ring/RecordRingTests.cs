using DataLayer.Ingest.Records;
using DataLayer.Ingest.Ring;
using Xunit;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests.Ring;

public sealed class RecordRingTests
{
    [Fact]
    public void TryPublish_full_refuses_and_takes_again_after_the_slowest_consumer()
    {
        var ring = new RecordRing(4, 10, 2);
        for (var i = 0; i < 4; i++) Assert.True(ring.TryPublish(NewRecord()));
        Assert.False(ring.TryPublish(NewRecord()));
        ring.Consumers[0].Advance(14);
        Assert.False(ring.TryPublish(NewRecord()));
        ring.Consumers[1].Advance(11);
        Assert.True(ring.TryPublish(NewRecord()));
        Assert.False(ring.TryPublish(NewRecord()));
        Assert.Equal(15, ring.Claimed);
    }

    [Fact]
    public void HighestAvailable_stops_before_a_slot_of_the_lap_before()
    {
        var ring = new RecordRing(4, 0, 1);
        for (var i = 0; i < 4; i++) ring.TryPublish(NewRecord());
        Assert.Equal(4, ring.HighestAvailable(0));
        ring.Consumers[0].Advance(4);
        Assert.Equal(4, ring.HighestAvailable(4));
        ring.TryPublish(NewRecord());
        Assert.Equal(5, ring.HighestAvailable(4));
    }

    /// <summary>The claim: however many producers, each consumer sees each record once, whole, in the order of LSNs.</summary>
    [Fact]
    public void Stress_every_consumer_sees_every_record_once_and_in_order()
    {
        var (seen, sums) = Run(producers: 3, perProducer: 20_000, consumers: 2, broken: false);
        Assert.All(seen, count => Assert.Equal(60_000, count));
        Assert.All(sums, sum => Assert.Equal(60_000L * 60_001 / 2, sum));
    }

    /// <summary>The control: a consumer that advances without looking at availability must be caught by the same checks.</summary>
    [Fact]
    public void Stress_control_that_skips_records_is_caught()
    {
        var (seen, _) = Run(producers: 3, perProducer: 20_000, consumers: 2, broken: true);
        Assert.Contains(seen, count => count != 60_000);
    }

    private static (long[] Seen, long[] Sums) Run(int producers, int perProducer, int consumers, bool broken)
    {
        var ring = new RecordRing(64, 0, consumers);
        var total = producers * perProducer;
        var (seen, sums) = (new long[consumers], new long[consumers]);
        var threads = Enumerable.Range(0, consumers).Select(c => new Thread(() =>
        {
            var sequence = 0L;
            while (sequence < total)
            {
                var available = ring.Consumers[c].WaitForNext(sequence, TimeSpan.FromSeconds(1));
                while (sequence < available)
                {
                    var record = ring.Consumers[c].At(++sequence);
                    if (record.Lsn == sequence)
                    {
                        seen[c]++;
                        sums[c] += record.Lsn;
                    }

                    if (broken && c == 0 && sequence % 7 == 0 && sequence < available) sequence++;
                    ring.Consumers[c].Advance(sequence);
                }
            }
        })).ToList();
        threads.AddRange(Enumerable.Range(0, producers).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < perProducer; i++)
            {
                var record = NewRecord();
                while (!ring.TryPublish(record)) Thread.Yield();
            }
        })));
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return (seen, sums);
    }

    private static Record NewRecord()
    {
        var record = new Record(64);
        record.Complete(0, 0, 0);
        return record;
    }
}
