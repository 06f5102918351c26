using System.Globalization;
using System.Text;

namespace DataLayer.Fuzzing;

/// <summary>
/// Runs a check over many random inputs, each from a random source of its own, so that a failure names the seed and the input and can be repeated.
/// The short form runs in CI; DATALAYER_FUZZ_INPUTS=10000000 is a long one, DATALAYER_FUZZ_SEED repeats a failure, DATALAYER_FUZZ_FIRST begins at its input.
/// Linked into each test project that has a decoder.
/// </summary>
internal static class Fuzz
{
    private static readonly int Seed = Setting("DATALAYER_FUZZ_SEED", Environment.TickCount & 0xffffff);
    private static readonly int First = Setting("DATALAYER_FUZZ_FIRST", 0);

    /// <param name="inputs">Inputs in the short form.</param>
    /// <param name="make">Makes an input; all that is random comes from its argument.</param>
    /// <param name="check">Throws where a promise does not hold.</param>
    public static void Run<T>(int inputs, Func<Random, T> make, Action<T, Random> check)
    {
        var end = Setting("DATALAYER_FUZZ_INPUTS", inputs);
        Parallel.For(First, end, index =>
        {
            var random = new Random(unchecked((Seed * 1_000_003) + index));
            var input = make(random);
            var shown = Show(input); // Before the check, which may change it.
            try
            {
                check(input, random);
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"DATALAYER_FUZZ_SEED={Seed} DATALAYER_FUZZ_FIRST={index}: {shown()}", fault);
            }
        });
    }

    /// <summary>Runs <paramref name="action"/>; what it threw must be of the kinds that <paramref name="isAllowed"/> lets through. True: it threw nothing.</summary>
    public static bool Succeeds(Action action, Func<Exception, bool> isAllowed)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception fault) when (isAllowed(fault))
        {
            return false;
        }
    }

    /// <summary>Fails where <paramref name="action"/> allocates more on this thread than <paramref name="bytesMax"/>.</summary>
    public static void Bounded(long bytesMax, Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > bytesMax) throw new InvalidOperationException($"{allocated} bytes were allocated, {bytesMax} are allowed");
    }

    private static Func<string> Show<T>(T input)
    {
        if (input is not byte[] bytes) return () => string.Create(CultureInfo.InvariantCulture, $"{input}");
        byte[] kept = [.. bytes.AsSpan(0, Math.Min(bytes.Length, 4096))];
        return () => $"{Convert.ToHexString(kept)} ({Encoding.Latin1.GetString(kept)})";
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
