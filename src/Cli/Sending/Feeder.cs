using DataLayer.Cli.Input;
using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;
using DataLayer.Client;
using DataLayer.Client.Ingest;
using DataLayer.Protocol;

namespace DataLayer.Cli.Sending;

/// <summary>Takes messages from a source to a sender in batches, and tells what was refused by its line. Owned by one command.</summary>
internal sealed class Feeder(MessageSource source, BatchSender sender, int batchBytes, Terminal terminal)
{
    // A file that is wrong throughout is not told line by line.
    private const int MaxToldFaults = 20;

    private readonly Queue<(PendingBatch Batch, long[] Positions)> _pending = new();
    private readonly List<long> _positions = [];
    private long _told;
    private long _acked;

    public long Acked => Interlocked.Read(ref _acked);

    /// <summary>Samples that this program or the daemon refused.</summary>
    public long Refused { get; private set; }

    public long UntoldFaults { get; private set; }

    /// <summary>Reads to the end and waits for all acks.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var writer = new MsgPackWriter(batchBytes + 4096);
        long samples = 0;
        while (source.TryNext(writer, out var item))
        {
            if (item.Error is { } error)
            {
                Refused += item.Samples;
                Tell(item.Position, error);
                continue;
            }

            samples += item.Samples;
            _positions.Add(item.Position);
            if (writer.LengthBytes < batchBytes) continue;
            await SendAsync(writer, samples, cancellation);
            samples = 0;
        }

        if (_positions.Count > 0) await SendAsync(writer, samples, cancellation);
        while (_pending.TryDequeue(out var last)) Settle(await last.Batch.Completion.WaitAsync(cancellation), last.Positions);
    }

    private async Task SendAsync(MsgPackWriter writer, long samples, CancellationToken cancellation)
    {
        var batch = await sender.EnqueueAsync(writer.WrittenMemory, samples, cancellation);
        _pending.Enqueue((batch, [.. _positions]));
        writer.Clear();
        _positions.Clear();
        while (_pending.TryPeek(out var first) && first.Batch.Completion.IsCompleted)
        {
            _pending.Dequeue();
            Settle(await first.Batch.Completion, first.Positions);
        }
    }

    private void Settle(StoreResult result, long[] positions)
    {
        Interlocked.Add(ref _acked, result.Accepted);
        Refused += result.Rejected;
        foreach (var fault in result.Faults)
        {
            if (fault.IsWholeBatch)
            {
                Tell(positions[0], $"{fault.Text} (and all to {source.PositionName} {positions[^1]})");
                continue;
            }

            var suffix = fault.Text.LastIndexOf(" (", StringComparison.Ordinal);
            var text = suffix > 0 ? fault.Text[..suffix] : fault.Text;
            var more = fault.Count == 1 ? "" : $" (and {Numbers.Count(fault.Count - 1)} more to {source.PositionName} {positions[^1]})";
            Tell(positions[Math.Clamp(fault.First - 1, 0, positions.Length - 1)], text + more);
        }
    }

    private void Tell(long position, string error)
    {
        if (_told++ < MaxToldFaults) terminal.WriteErrorLine(new Piece($"{source.PositionName} {position}: ", "red"), error);
        else UntoldFaults++;
    }
}
