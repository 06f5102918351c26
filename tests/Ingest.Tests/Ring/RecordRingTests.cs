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

    /// <summary>The claim: however many producers, each consumer sees each record once, whole, in the order of LSNs; over thousands of laps.</summary>
    [Fact]
    public void Stress_every_consumer_sees_every_record_once_whole_and_in_order() =>
        Assert.Null(new RingStress(new RealRing(new RecordRing(8, 0, 2)), producers: 3, perProducer: 20_000, TimeSpan.FromSeconds(20)).Run());

    /// <summary>The control: the same protocol with a flaw must be caught by the same check, and without one must pass.</summary>
    [Theory]
    [InlineData(RingFlaw.None)]
    [InlineData(RingFlaw.ClaimsWithoutSwap)]
    [InlineData(RingFlaw.ShowsBeforeSealed)]
    [InlineData(RingFlaw.IgnoresAvailability)]
    [InlineData(RingFlaw.ForgetsTheLap)]
    [InlineData(RingFlaw.GatesOnTheFastest)]
    [InlineData(RingFlaw.AdvancesBeforeReading)]
    public void Stress_control_with_a_flaw_is_caught(RingFlaw flaw)
    {
        var (perProducer, patience) = flaw == RingFlaw.None ? (200, TimeSpan.FromSeconds(20)) : (20_000, TimeSpan.FromSeconds(1));
        string? fault = null;
        for (var round = 0; round < 20 && fault is null; round++)
        {
            fault = new RingStress(new SketchedRing(8, 2, flaw), producers: 3, perProducer, patience).Run();
        }

        Assert.Equal(flaw != RingFlaw.None, fault is not null);
    }

    private static Record NewRecord()
    {
        var record = new Record(64);
        record.Complete(0, 0, 0);
        return record;
    }
}
