using DataLayer.Ingest.Log;

namespace DataLayer.Ingest.Tests.Log;

/// <summary>An open file of <see cref="MemoryStorage"/>.</summary>
internal sealed class MemoryHandle(MemoryStorage storage, MemoryFile file, string name) : ILogFile
{
    public string Name => name;

    public long Length => file.Bytes.Length;

    public int Read(Span<byte> bytes, long offset)
    {
        var count = (int)Math.Clamp(file.Bytes.Length - offset, 0, bytes.Length);
        file.Bytes.AsSpan((int)offset, count).CopyTo(bytes);
        return count;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        storage.Check("write", name);
        file.Write(bytes, offset);
    }

    public void Sync()
    {
        try
        {
            storage.Check("sync", name);
        }
        catch (LogIoException)
        {
            file.LoseUnsynced(new Random(file.Bytes.Length));
            throw;
        }

        file.Sync();
    }

    public void Truncate(long length) => file.Truncate(length);

    public void Dispose()
    {
    }
}
