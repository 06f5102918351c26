using DataLayer.Protocol;

namespace DataLayer.Client;

/// <summary>What went wrong between this client and the daemon. <see cref="Kind"/> is for programs, the message for people.</summary>
public sealed class DataLayerException : Exception
{
    public DataLayerException(FailureKind kind, string message, Exception? inner = null, ErrorCode code = ErrorCode.None)
        : base(message, inner)
    {
        Kind = kind;
        Code = code;
    }

    public FailureKind Kind { get; }

    /// <summary>The daemon's error code (protocol.md section 5), where it sent one.</summary>
    public ErrorCode Code { get; }
}
