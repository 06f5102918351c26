using DataLayer.Engines.Events;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Answers one query from the files of events of one state of the lake. Files that cannot have a match by their times or places are left out, and where the newest
/// are asked for, those that are older than an answer that is full. Documents are read of the events of the answer alone. Memory: the answer and a row group.
/// Owned by one thread. Throws <see cref="DamagedFileException"/>.
/// </summary>
internal sealed class EventScan(LakeContext context, IReadOnlyList<LakeFile> files, EventQuery query, Func<UInt128, bool> isReplaced, CancellationToken cancellation)
{
    private readonly EventMatch _match = new(query);
    private readonly PriorityQueue<Hit, EventRank> _best = new(EventRank.LastFirst);

    public IReadOnlyList<FoundEvent> Run()
    {
        foreach (var file in files.OrderByDescending(file => file.MaxTime))
        {
            if (!_match.MayMatch(file.MinTime, file.MaxTime, file.Events?.Places) || IsTooOld(file.MaxTime)) continue;
            Guarded(file, () => Scan(file));
        }

        return ReadDocuments();
    }

    private bool IsTooOld(long maxTime) => query.Near is null && _best.Count == query.Limit && _best.TryPeek(out _, out var last) && maxTime < last.TimeMicros;

    private void Scan(LakeFile file)
    {
        using var reader = new EventFileReader(file.Path);
        for (var group = reader.RowGroupCount - 1; group >= 0; group--)
        {
            cancellation.ThrowIfCancellationRequested();
            var times = reader.ReadLongs(group, EventSchema.Time);
            if (times.Length == 0 || !_match.MayMatch(times[0], times[^1], file.Events?.Places) || IsTooOld(times[^1])) continue;
            var columns = new GroupColumns(
                times,
                reader.ReadLongs(group, EventSchema.Version),
                reader.ReadTexts(group, EventSchema.Id),
                reader.ReadTexts(group, EventSchema.Type),
                reader.ReadTexts(group, EventSchema.Source),
                reader.ReadDegrees(group, EventSchema.Latitude),
                reader.ReadDegrees(group, EventSchema.Longitude));
            for (var row = times.Length - 1; row >= 0; row--) Judge(file, group, row, columns);
        }
    }

    private void Judge(LakeFile file, int group, int row, in GroupColumns columns)
    {
        if (!_match.MatchesTime(columns.Times[row]) || !_match.MatchesTexts(columns.Types[row], columns.Sources[row])) return;
        if (!_match.MatchesPlace(columns.Latitudes[row], columns.Longitudes[row], out var distance)) return;
        var rank = new EventRank(distance ?? 0, columns.Times[row], columns.Ids[row]);
        if (_best.Count == query.Limit && _best.TryPeek(out _, out var last) && rank > last) return;
        if (IsOld(file, EventText.HashOf(columns.Ids[row]), columns.Versions[row])) return;
        var found = new FoundEvent(
            new EngineEvent(columns.Ids[row], columns.Types[row], columns.Sources[row], columns.Times[row], default, columns.Latitudes[row], columns.Longitudes[row]), distance);
        _best.Enqueue(new Hit(file, group, row, found), rank);
        if (_best.Count > query.Limit) _best.Dequeue();
    }

    /// <summary>The same id came again later: here, or elsewhere.</summary>
    private bool IsOld(LakeFile file, UInt128 id, long version)
    {
        if (isReplaced(id)) return true;
        foreach (var other in files)
        {
            if (other.Number != file.Number && other.Events is { } extent && extent.MaxVersion > version && context.EventIds.HasLater(other, id, version)) return true;
        }

        return false;
    }

    private List<FoundEvent> ReadDocuments()
    {
        var hits = _best.UnorderedItems.Select(item => item.Element).ToList();
        var answer = new List<FoundEvent>(hits.Count);
        foreach (var part in hits.GroupBy(hit => (hit.File, hit.Group)))
        {
            cancellation.ThrowIfCancellationRequested();
            Guarded(part.Key.File, () =>
            {
                using var reader = new EventFileReader(part.Key.File.Path);
                var documents = reader.ReadDocuments(part.Key.Group);
                answer.AddRange(part.Select(hit => hit.Found with { Event = hit.Found.Event with { Document = documents[hit.Row] } }));
            });
        }

        answer.Sort((left, right) => EventRank.Of(left).CompareTo(EventRank.Of(right)));
        return answer;
    }

    private static void Guarded(LakeFile file, Action read)
    {
        try
        {
            read();
        }
        catch (Exception error) when (DamagedFileException.IsSign(error))
        {
            throw new DamagedFileException(file, error);
        }
    }

    private readonly record struct Hit(LakeFile File, int Group, int Row, FoundEvent Found);

    private readonly record struct GroupColumns(long[] Times, long[] Versions, string[] Ids, string[] Types, string[] Sources, double?[] Latitudes, double?[] Longitudes);
}
