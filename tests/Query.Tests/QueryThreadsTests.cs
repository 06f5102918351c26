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

    /// <summary>Five queries at once, again and again, on four threads: four at most, and one each for the other four queries.</summary>
    [Fact]
    public void Take_manyQueries_neverMoreThanAllowed()
    {
        const int Queries = 5;
        var threads = new QueryThreads(4);
        var most = 0;
        using var together = new Barrier(Queries, _ => most = Math.Max(most, threads.Used));
        var running = Enumerable.Range(0, Queries).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                var count = threads.Take(4);
                together.SignalAndWait();
                while (count-- > 0) threads.ReturnOne();
            }
        })).ToList();
        running.ForEach(thread => thread.Start());
        running.ForEach(thread => thread.Join());
        Assert.InRange(most, Queries, 4 + Queries - 1);
        Assert.Equal(0, threads.Used);
    }
}
