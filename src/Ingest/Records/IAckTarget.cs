namespace DataLayer.Ingest.Records;

/// <summary>Whoever waits for a record: a session. Called on the commit thread or on a shard's thread; must not block or throw.</summary>
public interface IAckTarget
{
    /// <summary>Every record up to and including <paramref name="lsn"/> is on disk.</summary>
    void OnDurable(long lsn);

    /// <summary>Every record up to and including <paramref name="lsn"/> is visible to queries.</summary>
    void OnApplied(long lsn);
}
