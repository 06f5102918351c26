namespace DataLayer.Ingest.Log;

/// <summary>
/// DATA/LOCK, held by one process at a time, whichever way it ends: an exclusive flock, which .NET takes for FileShare.None. The daemon writes into it who it is.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    public const string FileName = "LOCK";

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the folder. Throws <see cref="LogException"/>, naming the folder and who holds it, when another process has it.</summary>
    public static DataDirectoryLock Acquire(string dataDirectory)
    {
        var path = Path.Combine(Path.GetFullPath(dataDirectory), FileName);
        try
        {
            var held = new DataDirectoryLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
            held._file.SetLength(0);
            held._file.Write(System.Text.Encoding.UTF8.GetBytes($"pid {Environment.ProcessId}\n"));
            return held;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LogException($"the data folder {Path.GetDirectoryName(path)} is in use or cannot be written ({HolderOf(dataDirectory) ?? e.Message}): stop the daemon that uses it, or name another folder", e);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>What the process that holds the folder says of itself; null when there is nothing to read.</summary>
    public static string? HolderOf(string dataDirectory)
    {
        // Not through FileStream, which asks for a shared lock whatever is to be shared, and so is refused here.
        using var handle = LibC.Open(Path.Combine(Path.GetFullPath(dataDirectory), FileName), LibC.ReadOnlyCloseOnExec);
        if (handle.IsInvalid) return null;
        var text = new byte[512];
        var line = System.Text.Encoding.UTF8.GetString(text, 0, RandomAccess.Read(handle, text, 0)).Split('\n')[0];
        return line.Length > 0 ? line : null;
    }
}
