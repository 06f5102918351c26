using System.Globalization;
using System.Text;
using DataLayer.Daemon.Options;
using DataLayer.Ingest.Log;

namespace DataLayer.Daemon.Hosting;

/// <summary>
/// The data folder, held by one daemon at a time: DATA/LOCK is locked (flock, so it ends with the process however it ends),
/// and says who holds it and where that daemon listens.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    /// <summary>EWOULDBLOCK of Linux, which .NET hands on as the HResult when flock finds the file locked.</summary>
    private const int LockedElsewhere = 11;

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <summary>Takes the folder. Throws <see cref="StartException"/> when another daemon has it, or it cannot be written.</summary>
    public static DataFolder Open(string folder)
    {
        var path = System.IO.Path.GetFullPath(folder);
        var file = System.IO.Path.Combine(path, "LOCK");
        try
        {
            Directory.CreateDirectory(path);
            return new DataFolder(path, new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (error.HResult == LockedElsewhere && DataDirectoryLock.HolderOf(path) is { } holder) throw new StartException($"the data folder {path} is in use by another datalayerd ({holder}): stop it, or take another folder with --data-dir", error);
            throw new StartException($"the data folder {path} cannot be written: {error.Message}; give the daemon's user the right to write there, remount a file system that is read-only, or take another folder with --data-dir", error);
        }
    }

    /// <summary>Throws <see cref="ConfigurationException"/> when the folder cannot be made or written.</summary>
    public static void CheckWritable(string folder)
    {
        var path = System.IO.Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(path);
            var probe = System.IO.Path.Combine(path, $".probe-{Environment.ProcessId}");
            using var file = new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            file.WriteByte(1);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"DataLayer:DataDir = \"{folder}\": the folder cannot be written: {error.Message}");
        }
    }

    /// <summary>Writes into the lock file who holds the folder: for the error of a second daemon, and for tools on this host.</summary>
    public void Describe(string text)
    {
        _lock.SetLength(0);
        _lock.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"pid {Environment.ProcessId}, {text}\n")));
        _lock.Flush();
    }

    public void Dispose() => _lock.Dispose();
}
