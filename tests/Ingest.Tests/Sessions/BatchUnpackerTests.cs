using System.Buffers;
using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Ingest.Tests.Sessions;

public sealed class BatchUnpackerTests
{
    /// <summary>Found by fuzzing: literals, a match at offset 0, then literals. The buffer had held another batch; none of it may be seen.</summary>
    [Fact]
    public void Unpack_lz4MatchAtOffset0_showsNothingOfEarlierBatches()
    {
        using var unpacker = new BatchUnpacker();
        var unpacked = 0;
        for (var literals = 1; literals < 15; literals++)
        {
            for (var match = 4; match < 19; match++)
            {
                byte[] packed = [(byte)((literals << 4) | (match - 4)), .. new byte[literals], 0, 0, 0xf0, 0, .. new byte[15]];
                var rawBytes = literals + match + 15;
                FillPool(rawBytes);
                if (unpacker.Unpack((long)BatchCodec.Lz4, packed, rawBytes, out var raw) == Fault.None)
                {
                    unpacked++;
                    Assert.False(raw.Contains((byte)0x5a), $"{literals} literals, match of {match}: {Convert.ToHexString(raw)}");
                }

                unpacker.Release();
            }
        }

        Assert.True(unpacked > 0);
    }

    private static void FillPool(int length)
    {
        var buffers = Enumerable.Range(0, 8).Select(_ => ArrayPool<byte>.Shared.Rent(length)).ToList();
        buffers.ForEach(buffer => Array.Fill(buffer, (byte)0x5a));
        buffers.ForEach(buffer => ArrayPool<byte>.Shared.Return(buffer));
    }
}
