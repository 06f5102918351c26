using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DataLayer.Ingest.Log;

/// <summary>A file of the real file system.</summary>
internal sealed class DiskFile(string path, SafeFileHandle handle) : ILogFile
{
    public string Name { get; } = Path.GetFileName(path);

    public long Length => RandomAccess.GetLength(handle);

    public int Read(Span<byte> bytes, long offset)
    {
        var read = 0;
        try
        {
            while (read < bytes.Length)
            {
                var got = RandomAccess.Read(handle, bytes[read..], offset + read);
                if (got == 0) break;
                read += got;
            }

            return read;
        }
        catch (IOException e)
        {
            throw new LogIoException("read", path, e.HResult is > 0 and < 4096 ? e.HResult : LogIoException.InputOutput, e);
        }
    }

    /// <summary>Thread: the writer. Allocates: no. Blocks: the disk, seldom (the page cache takes it). Fails: throws.</summary>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            var written = LibC.Pwrite(handle, bytes, bytes.Length, offset);
            if (written < 0)
            {
                Fail("write");
                continue;
            }

            bytes = bytes[(int)written..];
            offset += written;
        }
    }

    public void Sync()
    {
        while (LibC.Fdatasync(handle) != 0) Fail("sync");
    }

    public void Truncate(long length)
    {
        while (LibC.Ftruncate(handle, length) != 0) Fail("truncate");
    }

    /// <summary>Takes the blocks from the file system, so that a full disk shows here and not in the middle of a commit.</summary>
    public void Reserve(long bytes)
    {
        while (bytes > 0 && LibC.Fallocate(handle, 0, 0, bytes) != 0)
        {
            if (Marshal.GetLastPInvokeError() == LibC.NotSupported) return; // The file then grows as it is written: slower, not wrong.
            Fail("reserve space for");
        }
    }

    public void Dispose() => handle.Dispose();

    /// <summary>Returns when the call was merely interrupted.</summary>
    private void Fail(string operation)
    {
        var errno = Marshal.GetLastPInvokeError();
        if (errno != LibC.Interrupted) throw new LogIoException(operation, path, errno);
    }
}
