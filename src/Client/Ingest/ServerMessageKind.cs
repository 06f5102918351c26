namespace DataLayer.Client.Ingest;

/// <summary>The kinds of <see cref="ServerMessage"/>.</summary>
public enum ServerMessageKind
{
    Closed,
    Ack,
    Error,
}
