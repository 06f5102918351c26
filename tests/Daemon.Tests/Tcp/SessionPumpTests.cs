using DataLayer.Daemon.Tcp;
using Xunit;

namespace DataLayer.Daemon.Tests.Tcp;

public sealed class SessionPumpTests
{
    [Theory]
    [InlineData(2, 8)]
    [InlineData(250, 1000)]
    [InlineData(251, 1000)]
    [InlineData(60_000, 1000)]
    public void PauseAfter_isFourTimesAsLong_upToASecond(int busyMillis, int pauseMillis) =>
        Assert.Equal(TimeSpan.FromMilliseconds(pauseMillis), SessionPump.PauseAfter(TimeSpan.FromMilliseconds(busyMillis)));
}
