using System.Buffers;
using DataLayer.Protocol;
using K4os.Compression.LZ4;
using ZstdSharp;

namespace DataLayer.Ingest.Sessions;

/// <summary>Unpacks batches. The buffer is rented for one batch; its size is what the batch declares, which was checked against max_batch.</summary>
internal sealed class BatchUnpacker : IDisposable
{
    /// <summary>
    /// An LZ4 block grows by less than this: a byte of length stands for at most 255 bytes (lz4_Block_format.md). A declared length beyond it is refused before
    /// memory is taken for it.
    /// </summary>
    private const int MaxLz4Ratio = 255;

    private Decompressor? _zstd;
    private byte[]? _rented;

    /// <summary>The batch's messages; valid until <see cref="Release"/>. Thread: the session's. Allocates: no (pooled). Fails: returns the fault.</summary>
    public Fault Unpack(long codec, ReadOnlySpan<byte> packed, int rawBytes, out ReadOnlySpan<byte> raw)
    {
        raw = default;
        switch (codec)
        {
            case (long)BatchCodec.None:
                raw = packed;
                return packed.Length == rawBytes ? Fault.None : Fault.BatchLengthWrong;
            case (long)BatchCodec.Lz4:
                if (rawBytes > ((long)packed.Length * MaxLz4Ratio)) return Fault.BatchLengthWrong;
                break;
            case (long)BatchCodec.Zstd:
                break;
            default:
                return Fault.CodecUnknown;
        }

        _rented = ArrayPool<byte>.Shared.Rent(rawBytes);
        var into = _rented.AsSpan(0, rawBytes);

        // A match at offset 0, which no encoder writes and the decoder does not refuse, leaves what is there: another agent's batch must not be.
        if (codec == (long)BatchCodec.Lz4) into.Clear();
        var length = codec == (long)BatchCodec.Lz4 ? LZ4Codec.Decode(packed, into) : UnpackZstd(packed, into);
        if (length < 0) return Fault.BatchDoesNotUnpack;
        if (length != rawBytes) return Fault.BatchLengthWrong;
        raw = into;
        return Fault.None;
    }

    public void Release()
    {
        if (_rented is null) return;
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
    }

    public void Dispose()
    {
        Release();
        _zstd?.Dispose();
    }

    private int UnpackZstd(ReadOnlySpan<byte> packed, Span<byte> into)
    {
        _zstd ??= new Decompressor();
        try
        {
            return _zstd.TryUnwrap(packed, into, out var written) ? written : -1;
        }
        catch (ZstdException)
        {
            // TryUnwrap returns false only where the room is too small; a frame that is none throws. One broken batch of a peer, one exception.
            return -1;
        }
    }
}
