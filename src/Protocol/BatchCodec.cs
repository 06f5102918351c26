namespace DataLayer.Protocol;

/// <summary>How the messages of a batch are packed (op 4).</summary>
public enum BatchCodec : byte
{
    None = 0,

    /// <summary>An LZ4 block, without a frame: the batch says the length unpacked.</summary>
    Lz4 = 1,

    /// <summary>A zstd frame.</summary>
    Zstd = 2,
}
