using Xunit;

using DataLayer.Daemon.Metrics;

namespace DataLayer.Daemon.Tests.Metrics;

public class GcPausesTests
{
    [Fact]
    public void Longest_collection_is_seen()
    {
        using var pauses = new GcPauses();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                return pauses.Longest > TimeSpan.Zero;
            },
            TimeSpan.FromSeconds(20)));
        Assert.InRange(pauses.Longest, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(20));
    }
}
