using DataLayer.Ingest.Log;
using DataLayer.Ingest.Ring;

namespace DataLayer.Ingest;

/// <summary>
/// The commit thread: takes what is in the ring, appends it to the log, makes it durable with one flush for all that wait, and lets acks go.
/// When the storage refuses, it keeps the records and tries again until the storage has recovered; nothing is acked meanwhile.
/// </summary>
internal sealed class CommitLoop(IngestPipeline pipeline, IRecordLog log, RingConsumer consumer)
{
    /// <summary>Bytes in one commit: at 300 MB/s about 50 ms, the longest an ack then waits for the disk.</summary>
    private const long CommitBytesMax = 16 << 20;

    private static readonly TimeSpan IdleWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(200);

    private volatile string? _failure;

    /// <summary>Why the log cannot be written now; null when it can.</summary>
    public string? Failure => _failure;

    /// <summary>Commits that the storage refused.</summary>
    public long Failures;

    /// <summary>Times around the loop: proof of life for the watchdog.</summary>
    public long Beats;

    /// <summary>Runs until the pipeline stops and everything in the ring is durable.</summary>
    public void Run()
    {
        var sequence = consumer.Sequence;
        while (true)
        {
            Volatile.Write(ref Beats, Beats + 1);
            var isStopping = pipeline.IsStopping;
            var available = consumer.WaitForNext(sequence, isStopping ? TimeSpan.Zero : IdleWait);
            if (available > sequence) sequence = CommitUpTo(sequence, available);
            else if (isStopping) return;
            if (isStopping && _failure is not null) return;
        }
    }

    private long CommitUpTo(long sequence, long available)
    {
        var last = sequence;
        for (var bytes = 0L; last < available && bytes < CommitBytesMax;)
        {
            var record = consumer.At(++last);
            bytes += record.LengthBytes;
            log.Append(record);
        }

        if (!CommitUntilDone()) return sequence;
        pipeline.OnDurable(sequence, last, consumer);
        return last;
    }

    private bool CommitUntilDone()
    {
        while (true)
        {
            try
            {
                log.Commit();
                _failure = null;
                return true;
            }
            catch (LogException fault)
            {
                _failure = fault.Message;
                Volatile.Write(ref Failures, Failures + 1);
                Volatile.Write(ref Beats, Beats + 1);
                if (pipeline.IsStopping) return false;
                Thread.Sleep(RetryWait);
            }
        }
    }
}
