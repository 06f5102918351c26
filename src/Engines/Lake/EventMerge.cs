using DataLayer.Engines.Events;

namespace DataLayer.Engines.Lake;

/// <summary>Merges files of events of one day, by time, and leaves out what the same files have in a later version. Memory: 32 bytes an event and a row group of each file.</summary>
internal static class EventMerge
{
    public static void Run(LakeContext context, LakeTransaction transaction, IReadOnlyList<LakeFile> inputs, CancellationToken cancellation)
    {
        var latest = Latest(inputs);
        var pending = transaction.Begin(LakeFileKind.Events, inputs[0].PartitionStart, inputs.Max(file => file.Rank));
        var cursors = inputs.Select(file => new EventCursor(file)).ToList();
        using var writer = new EventFileWriter(pending.Temporary, context.Options);
        try
        {
            var queue = new PriorityQueue<EventCursor, StoredEvent>(StoredEvent.ByTime);
            foreach (var cursor in cursors.Where(cursor => cursor.MoveNext())) queue.Enqueue(cursor, cursor.Current);
            while (queue.TryDequeue(out var cursor, out var row))
            {
                cancellation.ThrowIfCancellationRequested();
                if (latest[EventText.HashOf(row.Event.Id)] == row.Version) writer.Append(row);
                if (cursor.MoveNext()) queue.Enqueue(cursor, cursor.Current);
            }

            writer.Close();
        }
        finally
        {
            cursors.ForEach(cursor => cursor.Dispose());
        }

        transaction.Finish(pending, writer.RowGroups, level: inputs.Max(file => file.Level) + 1, events: writer.Extent);
    }

    private static Dictionary<UInt128, long> Latest(IReadOnlyList<LakeFile> inputs)
    {
        var latest = new Dictionary<UInt128, long>();
        foreach (var file in inputs)
        {
            var (ids, versions) = EventIds.Read(file);
            for (var at = 0; at < ids.Length; at++) latest[ids[at]] = Math.Max(versions[at], latest.GetValueOrDefault(ids[at], long.MinValue));
        }

        return latest;
    }
}
