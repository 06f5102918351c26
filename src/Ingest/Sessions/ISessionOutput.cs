namespace DataLayer.Ingest.Sessions;

/// <summary>Where a session's answers go: acks, errors, the welcome.</summary>
public interface ISessionOutput
{
    /// <summary>
    /// Takes whole messages (one or more), in order. Called on the session's thread, the commit thread or a shard's thread, one call at a time.
    /// Must copy the bytes, must not block, must not throw.
    /// </summary>
    void Send(ReadOnlySpan<byte> messages);
}
