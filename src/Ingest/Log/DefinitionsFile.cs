using System.Security.Cryptography;

namespace DataLayer.Ingest.Log;

/// <summary>
/// The file of all series and agents ever defined, open for more. Loaded at the start, then owned by the commit thread, which makes new definitions durable
/// before the records that use them.
/// </summary>
public sealed class DefinitionsFile : IDisposable
{
    private const int CopyChunkBytes = 1 << 20;

    private readonly ILogStorage _storage;
    private readonly byte[] _commit = new byte[DefinitionsFormat.CommitBytes];
    private ILogFile _file;
    private ulong _nonce;

    // Owned by: the commit thread.
    private long _durableEnd;
    private bool _distrusted;
    private ReadOnlyMemory<byte> _unwritten;

    private DefinitionsFile(ILogStorage storage, ILogFile file, ulong nonce, long end) => (_storage, _file, _nonce, _durableEnd) = (storage, file, nonce, end);

    /// <summary>Bytes on disk.</summary>
    public long Bytes => Volatile.Read(ref _durableEnd);

    /// <summary>Definitions read at the start.</summary>
    public long Loaded { get; private init; }

    /// <summary>Bytes of an unfinished commit cut off at the start: never acked.</summary>
    public long CutBytes { get; private init; }

    /// <summary>
    /// Opens the file, made when it is not there, and hands all definitions to <paramref name="handler"/> in the order they were given out.
    /// Throws <see cref="LogException"/> when what was durable is damaged.
    /// </summary>
    public static DefinitionsFile Load(ILogStorage storage, DefinitionHandler handler)
    {
        try
        {
            return storage.List().Contains(DefinitionsFormat.FileName) ? LoadExisting(storage, handler) : CreateFirst(storage);
        }
        catch (LogIoException e)
        {
            throw LogErrors.Refused(e, "The definitions of series and agents cannot be read");
        }
    }

    /// <summary>
    /// Makes durable what is new in the queue. Throws <see cref="LogIoException"/>; called again, it writes all of it anew.
    /// Thread: commit. Allocates: no. Blocks: the disk, when there is something new.
    /// </summary>
    internal void Commit(DefinitionQueue queue)
    {
        if (!_unwritten.IsEmpty) WriteUnwritten();
        _unwritten = queue.Take();
        if (!_unwritten.IsEmpty) WriteUnwritten();
    }

    public void Dispose() => _file.Dispose();

    private void WriteUnwritten()
    {
        if (_distrusted) CopyToNewFile();
        DefinitionsFormat.WriteCommit(_commit, _nonce, _durableEnd);
        _file.Write(_commit, _durableEnd);
        _file.Write(_unwritten.Span, _durableEnd + _commit.Length);
        _distrusted = true; // After a failed flush nobody knows which pages of this file are on disk: it is copied and replaced.
        _file.Sync();
        _distrusted = false;
        Volatile.Write(ref _durableEnd, _durableEnd + _commit.Length + _unwritten.Length);
        _unwritten = default;
    }

    private static DefinitionsFile LoadExisting(ILogStorage storage, DefinitionHandler handler)
    {
        var file = storage.Open(DefinitionsFormat.FileName, writable: true);
        try
        {
            var scan = new DefinitionsScan(file);
            scan.Run(handler);
            if (!scan.HasHeader || scan.LaterCommitAt >= 0) throw LogErrors.DefinitionsDamaged(storage, scan);
            if (scan.TailBytes > 0) file.Truncate(scan.End);

            // A process killed between write and flush leaves whole entries that may not be on disk; they are about to be relied on.
            SegmentTail.Rewrite(file, scan.LastCommitAt, scan.End);
            storage.SyncFolder();
            return new DefinitionsFile(storage, file, scan.Nonce, scan.End) { Loaded = scan.Entries, CutBytes = scan.TailBytes };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static DefinitionsFile CreateFirst(ILogStorage storage)
    {
        var (file, nonce) = CreateNew(storage, DefinitionsFormat.NewFileName);
        file.Sync();
        return new DefinitionsFile(storage, Publish(storage, file), nonce, DefinitionsFormat.HeaderBytes);
    }

    /// <summary>After a failed flush: the durable entries, read back and checked, go to a new file that takes the old one's name.</summary>
    private void CopyToNewFile()
    {
        var (copy, nonce) = CreateNew(_storage, DefinitionsFormat.NewFileName);
        try
        {
            var end = (long)DefinitionsFormat.HeaderBytes;
            var queue = new DefinitionQueue();
            var queued = 0;
            var scan = new DefinitionsScan(_file, _durableEnd);
            scan.Run((kind, number, bytes) =>
            {
                queue.Add(kind, number, bytes);
                queued += bytes.Length;
                if (queued < CopyChunkBytes) return;
                end += Write(copy, queue.Take(), end);
                queued = 0;
            });
            if (scan.End != _durableEnd) throw LogErrors.DefinitionsDamaged(_storage, scan);
            end += Write(copy, queue.Take(), end);
            copy.Sync();
            var published = Publish(_storage, copy);
            _file.Dispose();
            (_file, _nonce, _durableEnd, _distrusted) = (published, nonce, end, false);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    private static int Write(ILogFile file, ReadOnlyMemory<byte> bytes, long offset)
    {
        file.Write(bytes.Span, offset);
        return bytes.Length;
    }

    private static (ILogFile File, ulong Nonce) CreateNew(ILogStorage storage, string name)
    {
        Span<byte> header = stackalloc byte[DefinitionsFormat.HeaderBytes];
        RandomNumberGenerator.Fill(header[..8]);
        var nonce = BitConverter.ToUInt64(header);
        DefinitionsFormat.WriteHeader(header, nonce);
        var file = storage.Create(name, 0);
        file.Write(header, 0);
        return (file, nonce);
    }

    private static ILogFile Publish(ILogStorage storage, ILogFile file)
    {
        storage.Rename(DefinitionsFormat.NewFileName, DefinitionsFormat.FileName);
        storage.SyncFolder();
        file.Dispose();
        return storage.Open(DefinitionsFormat.FileName, writable: true);
    }
}
