using DataLayer.Protocol;
using K4os.Compression.LZ4;

namespace DataLayer.LoadTest;

/// <summary>Puts messages into a batch without copying them where they are not packed: the header goes in front. Owned by a sender.</summary>
internal sealed class BatchPacker(BatchCodec codec) : IDisposable
{
    private readonly MsgPackWriter _header = new(64);
    private readonly MsgPackWriter _batch = new(1 << 20);
    private byte[] _packed = [];

    /// <summary>The writer for the messages of the next batch. They begin after some room.</summary>
    public MsgPackWriter Begin()
    {
        _batch.Clear();
        _batch.Take(MessageEncoder.MaxBatchHeaderBytes);
        return _batch;
    }

    /// <summary>The whole batch. Valid until the next <see cref="Begin"/>.</summary>
    public ReadOnlySpan<byte> Finish(long seq)
    {
        const int Room = MessageEncoder.MaxBatchHeaderBytes;
        var rawBytes = _batch.LengthBytes - Room;
        if (codec == BatchCodec.Lz4) Pack(rawBytes);
        _header.Clear();
        MessageEncoder.WriteBatchHeader(_header, seq, codec, rawBytes, _batch.LengthBytes - Room);
        var start = Room - _header.LengthBytes;
        var length = _batch.LengthBytes - start;
        _batch.Truncate(start);
        _batch.WriteRaw(_header.Written);
        _batch.Take(length - _header.LengthBytes);
        return _batch.Written[start..];
    }

    public void Dispose()
    {
        _header.Dispose();
        _batch.Dispose();
    }

    private void Pack(int rawBytes)
    {
        var most = LZ4Codec.MaximumOutputSize(rawBytes);
        if (_packed.Length < most) _packed = new byte[most];
        var packed = LZ4Codec.Encode(_batch.Written[MessageEncoder.MaxBatchHeaderBytes..], _packed);
        _batch.Truncate(MessageEncoder.MaxBatchHeaderBytes);
        _batch.WriteRaw(_packed.AsSpan(0, packed));
    }
}
