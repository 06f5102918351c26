using DataLayer.Ingest.Ring;
using DataLayer.Ingest.Shards;

namespace DataLayer.Ingest;

/// <summary>A shard's thread: applies every record of the ring to the shard, in order.</summary>
internal sealed class ShardLoop(IngestPipeline pipeline, Shard shard, RingConsumer consumer)
{
    private static readonly TimeSpan IdleWait = TimeSpan.FromSeconds(1);

    /// <summary>Times around the loop: proof of life for the watchdog.</summary>
    public long Beats;

    /// <summary>Runs until the pipeline stops and the ring is empty.</summary>
    public void Run()
    {
        var sequence = consumer.Sequence;
        while (true)
        {
            Volatile.Write(ref Beats, Beats + 1);
            var isStopping = pipeline.IsStopping;
            var available = consumer.WaitForNext(sequence, isStopping ? TimeSpan.Zero : IdleWait);
            if (available == sequence && isStopping) return;
            while (sequence < available)
            {
                var record = consumer.At(++sequence);
                shard.Apply(record);
                consumer.Advance(sequence);
                pipeline.OnApplied(record);
            }
        }
    }
}
