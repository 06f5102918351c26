using System.Buffers.Binary;

namespace DataLayer.Ingest.Log;

/// <summary>One pass over a definitions file: entries in order, where they end, and whether what is behind is an unfinished commit or damage.</summary>
internal sealed class DefinitionsScan
{
    private const int ChunkBytes = 4 << 20;

    private readonly ILogFile _file;
    private readonly long _limit;
    private readonly byte[] _buffer;
    private long _bufferAt;
    private int _buffered;

    /// <param name="limit">Where to stop; the end of the file by default.</param>
    public DefinitionsScan(ILogFile file, long limit = long.MaxValue) => (_file, _limit, _buffer) = (file, Math.Min(limit, file.Length), new byte[Math.Clamp(Math.Min(limit, file.Length), DefinitionsFormat.HeaderBytes, ChunkBytes)]);

    /// <summary>The header was right.</summary>
    public bool HasHeader { get; private set; }

    public ulong Nonce { get; private set; }

    /// <summary>All entries before this are whole and right.</summary>
    public long End { get; private set; }

    /// <summary>Where the last commit starts: what is before it was on disk for sure.</summary>
    public long LastCommitAt { get; private set; }

    /// <summary>Bytes behind <see cref="End"/>.</summary>
    public long TailBytes { get; private set; }

    public long Entries { get; private set; }

    /// <summary>A later commit follows what is broken at <see cref="End"/>: what was acked is damaged. The offset of that commit, or -1.</summary>
    public long LaterCommitAt { get; private set; } = -1;

    /// <summary>Hands over all definitions in order. Allocates: the buffer alone.</summary>
    public void Run(DefinitionHandler handler)
    {
        Fill(0);
        HasHeader = DefinitionsFormat.TryReadHeader(_buffer.AsSpan(0, _buffered), out var nonce);
        (Nonce, End) = (nonce, HasHeader ? DefinitionsFormat.HeaderBytes : 0);
        LastCommitAt = End;
        while (HasHeader && TryNext(out var entry))
        {
            if (DefinitionsFormat.KindOf(entry) == DefinitionsFormat.CommitKind)
            {
                if (!DefinitionsFormat.IsCommit(entry, Nonce, End)) break;
                LastCommitAt = End;
            }
            else
            {
                handler(DefinitionsFormat.KindOf(entry), DefinitionsFormat.NumberOf(entry), entry[DefinitionQueue.EntryHeaderBytes..]);
                Entries++;
            }

            End += entry.Length;
        }

        TailBytes = _limit - End;
        if (TailBytes > 0 && HasHeader) LaterCommitAt = FindCommit(End);
    }

    private bool TryNext(out ReadOnlySpan<byte> entry)
    {
        var length = DefinitionsFormat.TryReadEntry(Window(End));
        if (length == 0)
        {
            Fill(End);
            length = DefinitionsFormat.TryReadEntry(Window(End));
        }

        entry = length > 0 ? Window(End)[..length] : default;
        return length > 0;
    }

    private ReadOnlySpan<byte> Window(long from) => _buffer.AsSpan((int)(from - _bufferAt), (int)(_buffered - (from - _bufferAt)));

    private void Fill(long from) => (_bufferAt, _buffered) = (from, _file.Read(_buffer.AsSpan(0, (int)Math.Min(_buffer.Length, _limit - from)), from));

    /// <summary>The next commit of this file behind <paramref name="from"/>, found by its nonce.</summary>
    private long FindCommit(long from)
    {
        Span<byte> nonce = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, Nonce);
        while (true)
        {
            Fill(from);
            for (var searched = 0; ;)
            {
                var found = _buffer.AsSpan(searched, _buffered - searched).IndexOf(nonce);
                if (found < 0) break;
                var start = searched + found - DefinitionQueue.EntryHeaderBytes;
                searched += found + 1;
                if (start < 0 || start + DefinitionsFormat.CommitBytes > _buffered) continue;
                var entry = _buffer.AsSpan(start, DefinitionsFormat.CommitBytes);
                if (DefinitionsFormat.TryReadEntry(entry) > 0 && DefinitionsFormat.IsCommit(entry, Nonce, from + start)) return from + start;
            }

            if (_buffered < _buffer.Length) return -1;
            from += _buffered - DefinitionsFormat.CommitBytes;
        }
    }
}
