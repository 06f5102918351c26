using DataLayer.Engines.Lake;
using Xunit;

namespace DataLayer.Engines.Tests.Lake;

public sealed class ColumnCacheTests
{
    [Fact]
    public void Admits_secondTime_and_then_hits()
    {
        var cache = new ColumnCache(1000);
        Assert.Null(cache.Get<int[]>(1, 0, 0));
        Assert.False(cache.Admits(1, 0, 0));
        Assert.Null(cache.Get<int[]>(1, 0, 0));
        Assert.True(cache.Admits(1, 0, 0));
        int[] values = [1, 2, 3];
        cache.Set(1, 0, 0, values, 12);
        Assert.Same(values, cache.Get<int[]>(1, 0, 0));
        Assert.Equal((12, 1, 2), (cache.Bytes, cache.Hits, cache.Misses));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(0.4, 3)]
    [InlineData(0.6, 2)]
    [InlineData(1, 2)]
    public void Admits_part_when_more_than_the_whole_was_read(double part, int expected)
    {
        var cache = new ColumnCache(1000);
        var reads = 1;
        while (!cache.Admits(1, 0, 0, part)) reads++;
        Assert.Equal(expected, reads);
        Assert.False(cache.Admits(1, 0, 0, part));
    }

    [Fact]
    public void Set_full_leastRecentlyUsedGoes()
    {
        var cache = new ColumnCache(100);
        for (var column = 0; column < 4; column++) cache.Set(1, 0, column, new byte[25], 25);
        Assert.NotNull(cache.Get<byte[]>(1, 0, 0));
        cache.Set(1, 0, 4, new byte[25], 25);
        Assert.Null(cache.Get<byte[]>(1, 0, 1));
        Assert.NotNull(cache.Get<byte[]>(1, 0, 0));
        Assert.Equal(100, cache.Bytes);
        cache.Set(1, 0, 5, new byte[101], 101);
        Assert.Equal(100, cache.Bytes);
    }

    [Fact]
    public void Forget_file_takesItsColumnsOnly()
    {
        var cache = new ColumnCache(100);
        cache.Set(1, 0, 0, new byte[10], 10);
        cache.Set(1, 3, 2, new byte[10], 10);
        cache.Set(2, 0, 0, new byte[10], 10);
        cache.Forget(1);
        Assert.Equal(10, cache.Bytes);
        Assert.Null(cache.Get<byte[]>(1, 3, 2));
        Assert.NotNull(cache.Get<byte[]>(2, 0, 0));
    }

    [Fact]
    public void Admits_noRoom_never()
    {
        var cache = new ColumnCache(0);
        for (var again = 0; again < 3; again++)
        {
            Assert.Null(cache.Get<byte[]>(1, 0, 0));
            Assert.False(cache.Admits(1, 0, 0));
        }
    }
}
