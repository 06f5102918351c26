using DataLayer.Engines.Lake;
using Xunit;

namespace DataLayer.Engines.Tests.Lake;

public sealed class ColumnCacheTests
{
    [Fact]
    public void Get_secondTime_admits_and_then_hits()
    {
        var cache = new ColumnCache(1000);
        Assert.Null(cache.Get<int[]>(1, 0, 0, out var admit));
        Assert.False(admit);
        Assert.Null(cache.Get<int[]>(1, 0, 0, out admit));
        Assert.True(admit);
        int[] values = [1, 2, 3];
        cache.Set(1, 0, 0, values, 12);
        Assert.Same(values, cache.Get<int[]>(1, 0, 0, out admit));
        Assert.False(admit);
        Assert.Equal((12, 1, 2), (cache.Bytes, cache.Hits, cache.Misses));
    }

    [Fact]
    public void Set_full_leastRecentlyUsedGoes()
    {
        var cache = new ColumnCache(100);
        for (var column = 0; column < 4; column++) cache.Set(1, 0, column, new byte[25], 25);
        Assert.NotNull(cache.Get<byte[]>(1, 0, 0, out _));
        cache.Set(1, 0, 4, new byte[25], 25);
        Assert.Null(cache.Get<byte[]>(1, 0, 1, out _));
        Assert.NotNull(cache.Get<byte[]>(1, 0, 0, out _));
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
        Assert.Null(cache.Get<byte[]>(1, 3, 2, out _));
        Assert.NotNull(cache.Get<byte[]>(2, 0, 0, out _));
    }

    [Fact]
    public void Get_noRoom_neverAdmits()
    {
        var cache = new ColumnCache(0);
        for (var again = 0; again < 3; again++)
        {
            Assert.Null(cache.Get<byte[]>(1, 0, 0, out var admit));
            Assert.False(admit);
        }
    }
}
