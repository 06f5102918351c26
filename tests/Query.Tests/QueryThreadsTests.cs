using Xunit;

namespace DataLayer.Query.Tests;

public sealed class QueryThreadsTests
{
    [Fact]
    public void Take_someInUse_givesWhatIsFreeAndOneAtLeast()
    {
        var threads = new QueryThreads(4);
        Assert.Equal(3, threads.Take(3));
        Assert.Equal(1, threads.Take(3));
        Assert.Equal(1, threads.Take(3));
        Assert.Equal(5, threads.Used);
        for (var i = 0; i < 3; i++) threads.ReturnOne();
        Assert.Equal(2, threads.Take(9));
    }

    /// <summary>Five queries at once on four threads: at most the four, and one each for the other four queries.</summary>
    [Fact]
    public async Task Take_manyQueries_neverMoreThanAllowed()
    {
        var threads = new QueryThreads(4);
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var count = threads.Take(4);
                var used = threads.Used;
                for (var seen = Volatile.Read(ref most); used > seen; seen = Volatile.Read(ref most)) Interlocked.CompareExchange(ref most, used, seen);
                while (count-- > 0) threads.ReturnOne();
            }
        })));
        Assert.InRange(most, 1, 4 + 4);
        Assert.Equal(0, threads.Used);
    }
}
