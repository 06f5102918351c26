using DataLayer.Query.Samples;
using Xunit;

namespace DataLayer.Query.Tests.Samples;

public sealed class PartsInOrderTests
{
    private readonly QueryThreads _threads = new(4);
    private int _reading;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Read_manyThreads_orderIsThatOfTheParts(int threadsMax)
    {
        // The parts in front yield most, so that those behind are done long before; the first has more than may be read ahead.
        var parts = Enumerable.Range(0, 40).Select(i => new[] { i, i == 0 ? 2000 : 41 - i }).ToArray();
        var items = await ListAsync(Parts(parts, Counting), threadsMax);
        Assert.Equal(parts.SelectMany(part => Enumerable.Range(0, part[1]).Select(i => (part[0], i))), items);
        AssertNobodyReads();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Read_fault_comesWhenItsPartsTurnComes(int threadsMax)
    {
        int[][] parts = [.. Enumerable.Range(0, 40).Select(i => new[] { i, 300 })];
        var items = new List<(int, int)>();
        var fault = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var item in Parts(parts, FaultyAt7).ReadAsync(threadsMax, Token)) items.Add(item);
        });
        Assert.Equal("part 7", fault.Message);
        Assert.Equal(7 * 300, items.Count);
        AssertNobodyReads();
    }

    /// <summary>The threads are in the midst of reading, and take their time to end.</summary>
    [Fact]
    public async Task Read_callerHasEnough_endsAfterItsThreads()
    {
        int[][] parts = [.. Enumerable.Range(0, 40).Select(i => new[] { i, 1000 })];
        await foreach (var item in Parts(parts, EndingSlowly).ReadAsync(4, Token))
        {
            if (item == (0, 3)) break;
        }

        AssertNobodyReads();
    }

    [Fact]
    public async Task Read_cancelled_threadsEnd()
    {
        using var cancellation = new CancellationTokenSource();
        int[][] parts = [.. Enumerable.Range(0, 40).Select(i => new[] { i, 5000 })];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var item in Parts(parts, Counting).ReadAsync(4, cancellation.Token))
            {
                if (item == (1, 3)) await cancellation.CancelAsync();
            }
        });
        AssertNobodyReads();
    }

    private PartsInOrder<(int, int)> Parts(int[][] parts, Func<int[], CancellationToken, IEnumerable<(int, int)>> read) => new(parts, read, _threads);

    private static async Task<List<(int, int)>> ListAsync(PartsInOrder<(int, int)> parts, int threadsMax)
    {
        var items = new List<(int, int)>();
        await foreach (var item in parts.ReadAsync(threadsMax, Token)) items.Add(item);
        return items;
    }

    private IEnumerable<(int, int)> Counting(int[] part, CancellationToken stop)
    {
        Interlocked.Increment(ref _reading);
        try
        {
            for (var i = 0; i < part[1]; i++) yield return (part[0], i);
        }
        finally
        {
            Interlocked.Decrement(ref _reading);
        }
    }

    private IEnumerable<(int, int)> EndingSlowly(int[] part, CancellationToken stop)
    {
        foreach (var item in Counting(part, stop))
        {
            yield return item;
            if (item.Item2 < 10) continue;
            stop.WaitHandle.WaitOne();
            Thread.SpinWait(1_000_000);
        }
    }

    private IEnumerable<(int, int)> FaultyAt7(int[] part, CancellationToken stop) => part[0] == 7 ? throw new InvalidDataException("part 7") : Counting(part, stop);

    private void AssertNobodyReads()
    {
        Assert.Equal(0, Volatile.Read(ref _reading));
        Assert.Equal(0, _threads.Used);
    }
}
