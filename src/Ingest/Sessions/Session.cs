using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// The protocol between bytes and records: decodes messages, resolves series, fills records, publishes them, and answers with acks and errors.
/// Owned by one connection, request or UDP listener. Thread: one at a time; <see cref="OnDurable"/> and <see cref="OnApplied"/> come from any.
/// </summary>
public sealed class Session : IAckTarget, IDisposable
{
    public Session(SessionHost host, SessionKind kind, ISessionOutput output, string peer)
    {
        Kind = kind;
        Peer = peer;
        Counters = new IngestCounters();
        throw new NotImplementedException();
    }

    public SessionKind Kind { get; }

    public string Peer { get; }

    public IngestCounters Counters { get; }

    public SessionSummary Summary => throw new NotImplementedException();

    /// <summary>When the last byte of a message still unfinished arrived; null between messages. Thread: any.</summary>
    public DateTimeOffset? UnfinishedSince => throw new NotImplementedException();

    /// <summary>Until when a hello must be there; null where none is required, or it was said. Thread: any.</summary>
    public DateTimeOffset? NeedsHelloBy => throw new NotImplementedException();

    public SessionStatus Consume(ReadOnlySpan<byte> bytes, out int consumed) => throw new NotImplementedException();

    public SessionStatus FinishInput() => throw new NotImplementedException();

    /// <summary>The end of a body or connection: <see cref="FinishInput"/>, and a message that is still unfinished is refused (error 1).</summary>
    public SessionStatus EndInput() => throw new NotImplementedException();

    public void ConsumeDatagram(ReadOnlySpan<byte> datagram) => throw new NotImplementedException();

    public void FinishDatagrams() => throw new NotImplementedException();

    public Task WhenAllDurableAsync(CancellationToken cancellation) => throw new NotImplementedException();

    public void OnDurable(long lsn) => throw new NotImplementedException();

    public void OnApplied(long lsn) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
