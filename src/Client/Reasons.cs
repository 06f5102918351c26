using System.Net.Sockets;

namespace DataLayer.Client;

/// <summary>Why a connection could not be made, in the words of the field.</summary>
internal static class Reasons
{
    public static string Of(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "no such host",
        SocketError.NetworkUnreachable or SocketError.HostUnreachable => "no route to the host",
        SocketError.TimedOut => "no answer",
        _ => e.Message,
    };
}
