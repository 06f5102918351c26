using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DataLayer.Query.Samples;

/// <summary>
/// Reads the parts of a query's series on as many threads as it gets, and gives out what they yield in order, as if one thread had read part after part.
/// What is read ahead is bounded: twice as many parts as threads, of each <see cref="ItemsAhead"/> items. Used once.
/// </summary>
/// <param name="read">What a part yields; called by one thread for each part, with all state of its own.</param>
internal sealed class PartsInOrder<T>(int[][] parts, Func<int[], CancellationToken, IEnumerable<T>> read, QueryThreads threads)
{
    /// <summary>Blocks of text come to 16 MiB: mostly a whole part, so that its thread can go on with another one before it is its turn.</summary>
    private const int ItemsAhead = 256;

    private int _taken;

    /// <summary>No thread reads any more when the enumeration has ended, be it by its end, by a fault, or because the caller had enough.</summary>
    public async IAsyncEnumerable<T> ReadAsync(int threadsMax, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var count = threads.Take(Math.Min(parts.Length, threadsMax));
        if (count > 1)
        {
            await foreach (var item in TogetherAsync(count, cancellation).ConfigureAwait(false)) yield return item;
            yield break;
        }

        try
        {
            foreach (var part in parts)
            {
                foreach (var item in read(part, cancellation)) yield return item;
            }
        }
        finally
        {
            threads.ReturnOne();
        }
    }

    /// <summary>The caller's thread only waits and gives out, so that it is not one of the <paramref name="count"/>.</summary>
    private async IAsyncEnumerable<T> TogetherAsync(int count, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var ahead = new SemaphoreSlim(2 * count);
        var queues = Array.ConvertAll(parts, _ => Channel.CreateBounded<T>(new BoundedChannelOptions(ItemsAhead) { SingleReader = true, SingleWriter = true }));
        var workers = Enumerable.Range(0, count).Select(_ => Task.Run(() => WorkAsync(queues, ahead, stop.Token), CancellationToken.None)).ToArray();
        try
        {
            foreach (var queue in queues)
            {
                await foreach (var item in queue.Reader.ReadAllAsync(cancellation).ConfigureAwait(false)) yield return item;
                ahead.Release();
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(workers).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the next part, again and again. Whose turn is next always has a thread: parts are taken in order, and only that one may fill without bound.</summary>
    private async Task WorkAsync(Channel<T>[] queues, SemaphoreSlim ahead, CancellationToken stop)
    {
        try
        {
            while (Volatile.Read(ref _taken) < parts.Length)
            {
                await ahead.WaitAsync(stop).ConfigureAwait(false);
                var at = Interlocked.Increment(ref _taken) - 1;
                if (at >= parts.Length || !await TryFillAsync(parts[at], queues[at], stop).ConfigureAwait(false)) return;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody waits for more: the caller knows why.
        }
        finally
        {
            threads.ReturnOne();
        }
    }

    /// <summary>A fault goes to the caller when the part's turn comes, as it would have with one thread; false then.</summary>
    private async Task<bool> TryFillAsync(int[] part, ChannelWriter<T> queue, CancellationToken stop)
    {
        try
        {
            foreach (var item in read(part, stop)) await queue.WriteAsync(item, stop).ConfigureAwait(false);
            queue.Complete();
            return true;
        }
        catch (Exception fault)
        {
            queue.Complete(fault);
            return false;
        }
    }
}
