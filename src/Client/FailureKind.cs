namespace DataLayer.Client;

/// <summary>The kinds of <see cref="DataLayerException"/>.</summary>
public enum FailureKind
{
    /// <summary>No daemon answers at the address, or it stopped answering.</summary>
    Unreachable,

    /// <summary>The daemon is there and cannot do it now: its storage is full, it starts or stops, it is overloaded.</summary>
    Unavailable,

    /// <summary>The daemon refuses this client: its token, its agent name, or its version of the protocol.</summary>
    Refused,

    /// <summary>The daemon does not accept the request: the caller's fault.</summary>
    BadRequest,

    /// <summary>The daemon failed to answer: its fault.</summary>
    ServerFault,

    /// <summary>What came is not an answer of DataLayer.</summary>
    BadAnswer,
}
