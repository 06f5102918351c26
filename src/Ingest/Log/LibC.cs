using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DataLayer.Ingest.Log;

/// <summary>The system calls that .NET does not offer, or offers without the error number. See the manual pages of section 2.</summary>
internal static partial class LibC
{
    /// <summary>O_RDONLY | O_CLOEXEC; O_DIRECTORY, which differs between x86-64 and arm64, is not needed to flush a folder.</summary>
    public const int ReadOnlyCloseOnExec = 0x80000;
    public const int Interrupted = 4;
    public const int NotSupported = 95;

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint Pwrite(SafeFileHandle file, ReadOnlySpan<byte> bytes, nint count, long offset);

    /// <summary>Unlike fsync, leaves the time of modification alone: no journal commit when the blocks are there already.</summary>
    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int Fdatasync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Ftruncate(SafeFileHandle file, long length);

    /// <summary>Folders cannot be opened through File.OpenHandle.</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle Open(string path, int flags);
}
