namespace DataLayer.Ingest.Log;

/// <summary>
/// After a kill, bytes that were written but perhaps never flushed are read back from the page cache as if they were on disk; after a failed flush even a
/// new flush would not write them. So before they are relied on, they are written again, and flushed.
/// </summary>
internal static class SegmentTail
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Writes the bytes from <paramref name="from"/> to <paramref name="end"/> over themselves and makes the file durable.</summary>
    public static void Rewrite(ILogFile file, long from, long end)
    {
        var chunk = new byte[Math.Max(0, Math.Min(ChunkBytes, end - from))];
        for (var at = from; at < end; at += chunk.Length)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, end - at));
            if (file.Read(part, at) != part.Length) throw new LogException($"{file.Name} ends before byte {end}: something else is writing to it. Stop it, and start again.");
            file.Write(part, at);
        }

        file.Sync();
    }
}
