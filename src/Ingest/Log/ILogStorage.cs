namespace DataLayer.Ingest.Log;

/// <summary>
/// The one folder of files in which the log lives, reduced to what the log needs: so that tests can put a file system in that loses, tears and refuses.
/// Every method throws <see cref="LogIoException"/> when the storage refuses. Thread: any; a file has one writer.
/// </summary>
public interface ILogStorage
{
    /// <summary>The folder, for messages.</summary>
    string Folder { get; }

    /// <summary>Names of all files in the folder.</summary>
    IReadOnlyList<string> List();

    /// <summary>Makes a new, empty file and reserves <paramref name="reserveBytes"/> of disk for it, which read as zeros. A file of that name is replaced.</summary>
    ILogFile Create(string name, long reserveBytes);

    ILogFile Open(string name, bool writable);

    /// <summary>Renames, replacing a file of the new name. Durable after <see cref="SyncFolder"/>.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file if it is there. Durable after <see cref="SyncFolder"/>.</summary>
    void Delete(string name);

    /// <summary>Makes new names and renames durable.</summary>
    void SyncFolder();
}
