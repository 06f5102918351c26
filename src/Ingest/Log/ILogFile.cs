namespace DataLayer.Ingest.Log;

/// <summary>A file of the log, read and written at offsets. Throws <see cref="LogIoException"/> when the storage refuses.</summary>
public interface ILogFile : IDisposable
{
    string Name { get; }

    long Length { get; }

    /// <summary>Fills as much of <paramref name="bytes"/> as the file has; returns how much.</summary>
    int Read(Span<byte> bytes, long offset);

    /// <summary>Writes all of <paramref name="bytes"/>; durable after <see cref="Sync"/>.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>
    /// Makes everything written durable. After a failure the system may have thrown the written bytes away and call them clean:
    /// they must be written again, elsewhere; calling this once more proves nothing.
    /// </summary>
    void Sync();

    void Truncate(long length);
}
