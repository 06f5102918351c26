using System.IO.Hashing;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// What the numbers in datagram headers tell about each source: gaps, duplicates, reordering. Sources are told apart by a 64-bit hash of their names:
/// nothing but these counters depends on it. Owned by the UDP session.
/// </summary>
internal sealed class SourceTable(int maxSources, IngestCounters counters)
{
    /// <summary>The window in which a late datagram is told from one that came twice: the bits of a word.</summary>
    private const ulong WindowBits = 64;

    /// <summary>A number so much further on, or back, is a source that has started anew, not a loss.</summary>
    private const ulong RestartDistance = 1 << 20;

    private readonly Dictionary<ulong, Source> _sources = [];
    private readonly Queue<ulong> _byAge = new();

    public int Count => _sources.Count;

    /// <summary>A datagram of this source has arrived. Thread: the session's. Allocates: for a new source. Blocks: no.</summary>
    public void OnDatagram(ReadOnlySpan<byte> name, ulong number)
    {
        var hash = XxHash3.HashToUInt64(name);
        if (!_sources.TryGetValue(hash, out var source))
        {
            AddSlow(hash, number);
            return;
        }

        if (number > source.Last) OnAhead(source, number);
        else OnBehind(source, number);
    }

    private void OnAhead(Source source, ulong number)
    {
        var step = number - source.Last;
        if (step > RestartDistance)
        {
            source.Restart(number);
            return;
        }

        counters.DatagramsMissing += (long)step - 1;
        source.Seen = step >= WindowBits ? 1 : (source.Seen << (int)step) | 1;
        source.Last = number;
    }

    private void OnBehind(Source source, ulong number)
    {
        var back = source.Last - number;
        if (back >= WindowBits)
        {
            OnFarBehind(source, number, back);
            return;
        }

        var bit = 1UL << (int)back;
        if ((source.Seen & bit) != 0)
        {
            counters.DatagramsDuplicate++;
            return;
        }

        counters.DatagramsReordered++;
        source.Seen |= bit;
        if (number >= source.First) counters.DatagramsMissing--;
    }

    private void OnFarBehind(Source source, ulong number, ulong back)
    {
        // A first number, two numbers in a row, or a great distance: the source has started anew. Else it is one datagram, too late to know
        // whether it came before: it stays counted as missing.
        if (number <= 1 || number - 1 == source.Late || back > RestartDistance)
        {
            source.Restart(number);
            return;
        }

        source.Late = number;
        counters.DatagramsReordered++;
    }

    private void AddSlow(ulong hash, ulong number)
    {
        // The oldest goes: a flood of made-up sources makes the table forget, not grow.
        if (_sources.Count >= maxSources) _sources.Remove(_byAge.Dequeue());
        var source = new Source();
        source.Restart(number);
        _sources.Add(hash, source);
        _byAge.Enqueue(hash);
    }

    private sealed class Source
    {
        public ulong First;
        public ulong Last;

        /// <summary>The last number that was far behind.</summary>
        public ulong Late;

        /// <summary>Bit i: number Last - i has come.</summary>
        public ulong Seen;

        public void Restart(ulong number)
        {
            First = Last = number;
            Seen = 1;
            Late = ulong.MaxValue;
        }
    }
}
