namespace DataLayer.Protocol;

/// <summary>The error codes of protocol.md section 5. The number is for programs, the text beside it for people.</summary>
public enum ErrorCode : byte
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>Malformed MessagePack, or no kind of message. The connection is closed.</summary>
    NotAMessage = 1,

    /// <summary>Over a limit: size, depth, labels, lengths.</summary>
    OverLimit = 2,

    /// <summary>No or wrong token, or a name outside the agent's scope. The connection is closed.</summary>
    NotAllowed = 3,

    /// <summary>A name, label, time or value is wrong.</summary>
    BadContent = 4,

    /// <summary>The schema is unknown, or the length does not fit it.</summary>
    BadSchema = 5,

    /// <summary>Over the series limit of the agent or of the server. Retry later.</summary>
    SeriesLimit = 6,

    /// <summary>Storage is full or read-only. Retry later.</summary>
    StorageFull = 7,

    /// <summary>The server is stopping. Retry elsewhere, or later.</summary>
    Stopping = 8,

    /// <summary>Not supported by this server.</summary>
    NotSupported = 9,
}
