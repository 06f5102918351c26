namespace DataLayer.Ingest.Sessions;

/// <summary>How a session's bytes arrive, and so what it may answer and ask for.</summary>
public enum SessionKind
{
    /// <summary>A connection: ordered bytes in any pieces, answers at any time.</summary>
    Tcp,

    /// <summary>The body of one request: ordered bytes, ends; answers go into the response or nowhere, as the output decides.</summary>
    Http,

    /// <summary>Datagrams of any number of senders: whole messages only, never an answer.</summary>
    Udp,
}
