using System.Buffers;
using DataLayer.Protocol;
using K4os.Compression.LZ4;

namespace DataLayer.Client.Ingest;

/// <summary>Packs the messages of a batch (op 4) into a buffer of its own.</summary>
internal static class BatchPacker
{
    public static PendingBatch Pack(ReadOnlySpan<byte> messages, long samples, BatchCodec codec)
    {
        if (codec == BatchCodec.Lz4)
        {
            var packed = ArrayPool<byte>.Shared.Rent(LZ4Codec.MaximumOutputSize(messages.Length));
            var length = LZ4Codec.Encode(messages, packed);
            if (length > 0 && length < messages.Length) return new PendingBatch(packed, length, messages.Length, BatchCodec.Lz4, samples);
            ArrayPool<byte>.Shared.Return(packed);
        }

        // What LZ4 cannot shrink goes as it is: the daemon need not unpack it.
        var plain = ArrayPool<byte>.Shared.Rent(messages.Length);
        messages.CopyTo(plain);
        return new PendingBatch(plain, messages.Length, messages.Length, BatchCodec.None, samples);
    }
}
