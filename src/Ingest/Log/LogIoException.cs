using System.Runtime.InteropServices;

namespace DataLayer.Ingest.Log;

/// <summary>The storage refused: which operation, on which file, and the system's error number.</summary>
public sealed class LogIoException(string operation, string path, int errno, Exception? inner = null)
    : IOException($"cannot {operation} {path}: {Marshal.GetPInvokeErrorMessage(errno)} (error {errno})", inner)
{
    // Numbers of Linux, asm-generic/errno-base.h and errno.h.
    public const int NotFound = 2;
    public const int InputOutput = 5;
    public const int Denied = 13;
    public const int NoSpace = 28;
    public const int ReadOnly = 30;
    public const int Quota = 122;

    public string FilePath { get; } = path;

    public int Errno { get; } = errno;

    /// <summary>What a person can do about it.</summary>
    public string Advice => Errno switch
    {
        NoSpace or Quota => "free space on the disk, or lower the retention; data are refused until then, and nothing acked is lost",
        ReadOnly => "the file system is read-only: check the disk and the kernel's log, then remount it",
        Denied => "give the daemon's user the right to write there",
        InputOutput => "the disk reports an error: check it and the kernel's log",
        NotFound => "somebody has removed it: restore it, or run `datalayer verify`",
        _ => "check the disk and the kernel's log",
    };
}
