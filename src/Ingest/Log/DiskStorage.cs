using System.Runtime.InteropServices;

namespace DataLayer.Ingest.Log;

/// <summary>A folder of the real file system.</summary>
public sealed class DiskStorage : ILogStorage
{
    /// <summary>Opens the folder, making it when it is not there.</summary>
    public DiskStorage(string folder)
    {
        Folder = Path.GetFullPath(folder);
        Try("create", Folder, () => Directory.CreateDirectory(Folder));
    }

    public string Folder { get; }

    public IReadOnlyList<string> List() =>
        Try("list", Folder, () => Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path)).ToArray());

    public ILogFile Create(string name, long reserveBytes)
    {
        Delete(name); // Not cut to length 0: a file whose flush has failed is never flushed again.
        var file = OpenFile(name, FileMode.CreateNew, FileAccess.ReadWrite);
        try
        {
            file.Reserve(reserveBytes);
            return file;
        }
        catch (LogIoException)
        {
            file.Dispose();
            Delete(name);
            throw;
        }
    }

    public ILogFile Open(string name, bool writable) => OpenFile(name, FileMode.Open, writable ? FileAccess.ReadWrite : FileAccess.Read);

    public void Rename(string from, string to) => Try("rename", PathOf(from), () => File.Move(PathOf(from), PathOf(to), overwrite: true));

    public void Delete(string name) => Try("delete", PathOf(name), () => File.Delete(PathOf(name)));

    public void SyncFolder()
    {
        using var handle = LibC.Open(Folder, LibC.ReadOnlyCloseOnExec);
        if (handle.IsInvalid || LibC.Fsync(handle) != 0) throw new LogIoException("sync", Folder, Marshal.GetLastPInvokeError());
    }

    private string PathOf(string name) => Path.Combine(Folder, name);

    // FileShare.ReadWrite | Delete: no lock per file; DataDirectoryLock keeps a second daemon out, and readers are welcome.
    private DiskFile OpenFile(string name, FileMode mode, FileAccess access) =>
        Try("open", PathOf(name), () => new DiskFile(PathOf(name), File.OpenHandle(PathOf(name), mode, access, FileShare.ReadWrite | FileShare.Delete)));

    private static void Try(string operation, string path, Action action) => Try(operation, path, () =>
    {
        action();
        return true;
    });

    private static T Try<T>(string operation, string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (FileNotFoundException e)
        {
            throw new LogIoException(operation, path, LogIoException.NotFound, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new LogIoException(operation, path, LogIoException.Denied, e);
        }
        catch (IOException e) when (e is not LogIoException)
        {
            // .NET puts the error number of the system into HResult where it has no code of its own.
            throw new LogIoException(operation, path, e.HResult is > 0 and < 4096 ? e.HResult : LogIoException.InputOutput, e);
        }
    }
}
