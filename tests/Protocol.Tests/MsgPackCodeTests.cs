using Xunit;

namespace DataLayer.Protocol.Tests;

public sealed class MsgPackCodeTests
{
    [Fact]
    public void ValueBytes_followFromTheOtherTables()
    {
        for (var code = 0; code < 256; code++)
        {
            var expected = code switch
            {
                < 0x80 or >= 0xe0 => 1,
                < 0xa0 or 0xc1 => 0,
                < 0xc0 => 1 + (code & 31),
                _ => MsgPackCode.LengthBytes[code - 0xc0] > 0 ? 0 : 1 + MsgPackCode.FixedBytes[code - 0xc0],
            };
            Assert.True(expected == MsgPackCode.ValueBytes[code], $"0x{code:x2}");
        }
    }
}
