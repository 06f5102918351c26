using System.Buffers;
using DataLayer.Protocol;

namespace DataLayer.Client.Ingest;

/// <summary>A batch on its way: packed once, sent as often as it takes, done when it is acked. Owned by its <see cref="BatchSender"/>.</summary>
public sealed class PendingBatch
{
    private readonly TaskCompletionSource<StoreResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _packed;
    private List<BatchFault>? _faults;

    internal PendingBatch(byte[] rented, int packedBytes, int rawBytes, BatchCodec codec, long samples)
    {
        _packed = rented;
        PackedBytes = packedBytes;
        RawBytes = rawBytes;
        Codec = codec;
        Samples = samples;
    }

    /// <summary>Done when the batch is acked; fails with <see cref="DataLayerException"/> when it is given up.</summary>
    public Task<StoreResult> Completion => _completion.Task;

    public long Samples { get; }

    internal int PackedBytes { get; }

    internal int RawBytes { get; }

    internal BatchCodec Codec { get; }

    /// <summary>Its number on the wire; 0 before it was first sent.</summary>
    internal long Seq { get; set; }

    internal ReadOnlyMemory<byte> Packed => _packed.AsMemory(0, PackedBytes);

    internal void AddFault(BatchFault fault) => (_faults ??= []).Add(fault);

    internal void ForgetFaults() => _faults = null;

    internal void Complete()
    {
        IReadOnlyList<BatchFault> faults = _faults is null ? [] : _faults;
        var rejected = faults.Any(f => f.IsWholeBatch) ? Samples : Math.Min(Samples, faults.Sum(f => f.Count));
        // Nobody sends it any more: an ack comes after the last byte.
        ArrayPool<byte>.Shared.Return(_packed);
        _packed = [];
        _completion.TrySetResult(new StoreResult(Samples - rejected, rejected, faults));
    }

    // The buffer is left to the collector here: a send may still be reading it.
    internal void Fail(Exception e) => _completion.TrySetException(e);
}
