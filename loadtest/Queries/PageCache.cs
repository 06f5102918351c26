using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DataLayer.LoadTest.Queries;

/// <summary>What the kernel keeps in memory of files.</summary>
internal static class PageCache
{
    private const int DontNeed = 4;

    /// <summary>Has the kernel forget the contents of all files in a folder, so that the next reader waits for the disk.</summary>
    public static void Drop(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.FlushToDisk(file); // Only clean pages can be dropped.
            var code = posix_fadvise(file, 0, 0, DontNeed);
            if (code != 0) throw new IOException($"posix_fadvise {path}: error {code}");
        }
    }

    [DllImport("libc")]
    private static extern int posix_fadvise(SafeFileHandle file, long offset, long length, int advice);
}
