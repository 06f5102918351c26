using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DataLayer.Engines.Lake;

/// <summary>
/// The file operations that durability hangs on, in one place, so that a test can let each of them fail. Safe from any thread.
/// </summary>
internal sealed partial class LakeStorage(Action<StorageStep, string>? fault = null)
{
    // Folders whose names are not known to be on disk: made, but their parents' flush has not ended or has failed.
    private readonly ConcurrentDictionary<string, bool> _unflushed = new();

    /// <summary>Says that a file is about to be created, and makes its folder, durably.</summary>
    public void Prepare(string path)
    {
        fault?.Invoke(StorageStep.Create, path);
        CreateFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Whoever comes while another thread makes the folder, or after its flush has failed, flushes it as well: a file in it must not be relied on before.</summary>
    public void CreateFolder(string folder)
    {
        if (Directory.Exists(folder) && !_unflushed.ContainsKey(folder)) return;
        var parent = Path.GetDirectoryName(folder)!;
        CreateFolder(parent);
        _unflushed[folder] = true;
        Directory.CreateDirectory(folder);
        FlushFolder(parent);
        _unflushed.TryRemove(folder, out _);
    }

    /// <summary>Makes the contents of a closed file durable, then gives it its final name. The name is durable after <see cref="FlushFolder"/>.</summary>
    public void Publish(string temporary, string path)
    {
        fault?.Invoke(StorageStep.FlushFile, temporary);
        using (var handle = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite))
        {
            // Not RandomAccess.FlushToDisk, which on Unix returns as if all were well when fsync reports an error (.NET 10).
            if (OperatingSystem.IsWindows()) RandomAccess.FlushToDisk(handle);
            else if (Flush(handle) != 0) throw new IOException($"cannot flush {temporary}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        fault?.Invoke(StorageStep.Rename, path);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Makes the names in a folder durable.</summary>
    public void FlushFolder(string folder)
    {
        fault?.Invoke(StorageStep.FlushFolder, folder);
        if (OperatingSystem.IsWindows()) return;
        using var handle = OpenFolder(folder, 0);
        if (handle.IsInvalid || Flush(handle) != 0)
        {
            throw new IOException($"cannot flush the folder {folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Deletes a file that nothing refers to; a failure leaves it for the next start to delete.</summary>
    public bool TryDelete(string path)
    {
        try
        {
            fault?.Invoke(StorageStep.Delete, path);
            File.Delete(path);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(SafeFileHandle handle);
}
