namespace DataLayer.Ingest.Tests.Log;

/// <summary>Bytes as the process sees them and as they are on disk.</summary>
internal sealed class MemoryFile(long bytes)
{
    private readonly HashSet<int> _dirty = [];
    private byte[] _durable = new byte[bytes];

    public byte[] Bytes { get; set; } = new byte[bytes];

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        Resize(Math.Max(Bytes.Length, (int)offset + bytes.Length));
        bytes.CopyTo(Bytes.AsSpan((int)offset));
        for (var sector = (int)offset / MemoryStorage.SectorBytes; sector * MemoryStorage.SectorBytes < offset + bytes.Length; sector++) _dirty.Add(sector);
    }

    public void Truncate(long length) => Resize((int)length);

    public void Sync()
    {
        _durable = [.. Bytes];
        _dirty.Clear();
    }

    /// <summary>A flush that fails: the system calls the bytes clean, and some of them never reach the disk, flush or not.</summary>
    public void LoseUnsynced(Random random)
    {
        Settle(random);
        _dirty.Clear();
    }

    public void Crash(Random random)
    {
        Settle(random);
        Bytes = [.. _durable];
        _dirty.Clear();
    }

    private void Settle(Random random)
    {
        // The length may have reached the disk or not; a sector that did not, reads as before, or as zeros where there was nothing.
        var keepAll = random.Next(4) == 0;
        if (_durable.Length != Bytes.Length && (keepAll || random.Next(2) == 0)) Array.Resize(ref _durable, Bytes.Length);
        foreach (var sector in _dirty)
        {
            if (!keepAll && random.Next(2) == 0) continue;
            var from = sector * MemoryStorage.SectorBytes;
            var to = Math.Min(Math.Min(from + MemoryStorage.SectorBytes, Bytes.Length), _durable.Length);
            if (from < to) Bytes.AsSpan(from, to - from).CopyTo(_durable.AsSpan(from));
        }
    }

    private void Resize(int length)
    {
        if (length == Bytes.Length) return;
        var bytes = Bytes;
        Array.Resize(ref bytes, length);
        Bytes = bytes;
    }
}
