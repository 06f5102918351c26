using System.Collections.Concurrent;
using DataLayer.Engines.Events;

namespace DataLayer.Engines.Lake;

/// <summary>Which ids a file of events has, in which versions: so that a query tells which of two events with one id, in files of different days, is the later. Safe from any thread.</summary>
internal sealed class EventIds
{
    /// <summary>32 bytes an event: of 2 M events. Past it files are read anew each time.</summary>
    private const long KeptMax = 2_000_000;

    private readonly ConcurrentDictionary<long, (UInt128[] Ids, long[] Versions)> _files = new();
    private long _kept;

    public void Forget(long number)
    {
        if (_files.TryRemove(number, out var gone)) Interlocked.Add(ref _kept, -gone.Ids.Length);
    }

    /// <summary>Whether the file has this id in a version after that one. Throws <see cref="DamagedFileException"/>.</summary>
    public bool HasLater(LakeFile file, UInt128 id, long version)
    {
        var (ids, versions) = Of(file);
        var at = Array.BinarySearch(ids, id);
        return at >= 0 && versions[at] > version;
    }

    private (UInt128[] Ids, long[] Versions) Of(LakeFile file)
    {
        if (_files.TryGetValue(file.Number, out var known)) return known;
        var read = Read(file);
        if (Interlocked.Add(ref _kept, read.Ids.Length) > KeptMax || !_files.TryAdd(file.Number, read)) Interlocked.Add(ref _kept, -read.Ids.Length);
        return read;
    }

    /// <summary>Ids ascending, each with its version: a file has an id once.</summary>
    public static (UInt128[] Ids, long[] Versions) Read(LakeFile file)
    {
        try
        {
            var (ids, versions) = (new List<UInt128>(), new List<long>());
            using var reader = new EventFileReader(file.Path);
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                ids.AddRange(reader.ReadTexts(group, EventSchema.Id).Select(EventText.HashOf));
                versions.AddRange(reader.ReadLongs(group, EventSchema.Version));
            }

            var (keys, values) = (ids.ToArray(), versions.ToArray());
            Array.Sort(keys, values);
            return (keys, values);
        }
        catch (Exception error) when (DamagedFileException.IsSign(error))
        {
            throw new DamagedFileException(file, error);
        }
    }
}
