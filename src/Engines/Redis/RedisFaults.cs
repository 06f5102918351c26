using System.Net.Sockets;
using System.Security.Authentication;
using StackExchange.Redis;

namespace DataLayer.Engines.Redis;

/// <summary>Faults of the server in words that say what to do. The driver's own texts are not passed on, but for the server's answer: they may hold settings and commands.</summary>
internal static class RedisFaults
{
    private static readonly (string Answer, string Words)[] Known =
    [
        ("LOADING", "it is loading its data; it will answer when it has done so"),
        ("READONLY", "it is a replica and takes no writes; a failover is going on, or the connection string names a replica"),
        ("OOM", "its memory is used up (maxmemory); give it more, shorten the windows, or let it evict"),
        ("NOAUTH", "it wants a password: set Username and Password"),
        ("WRONGPASS", "it refuses the user or the password"),
        ("NOPERM", "the user may not do this; docs/engines/redis.md lists the rights"),
        ("CLUSTERDOWN", "the cluster is down: some of its slots have no node"),
        ("MASTERDOWN", "its master is away"),
        ("TRYAGAIN", "the slot is being moved to another node"),
        ("MOVED", "the slot was moved to another node"),
        ("ASK ", "the slot is being moved to another node"),
        ("NOSCRIPT", "it has restarted and lost the scripts, which are sent again"),
        ("MISCONF", "it refuses writes as it cannot save to its disk"),
        ("NOREPLICAS", "it refuses writes as too few replicas are connected"),
        ("BUSY", "it is busy with a script of another client"),
        ("WRONGTYPE", "a key of ours holds another type: someone else writes under the same KeyPrefix; remove the key or choose another prefix"),
        ("unknown command", "it lacks a command; Redis 6.2 or later is needed"),
    ];

    /// <summary>Whether the fault is one of the server or of the way to it.</summary>
    public static bool IsFault(Exception exception) =>
        exception is RedisException or RedisTimeoutException or TimeoutException or SocketException or AuthenticationException or IOException or ObjectDisposedException or AggregateException;

    /// <summary>Whether the connection should be made anew: answers may come late or never.</summary>
    public static bool IsBroken(Exception exception) => exception is RedisTimeoutException or TimeoutException or ObjectDisposedException;

    /// <param name="where">Names the engine and the server.</param>
    public static EngineException Say(string where, Exception exception)
    {
        var words = exception switch
        {
            RedisServerException or RedisCommandException => OfAnswer(exception.Message),
            RedisTimeoutException or TimeoutException => "it does not answer in time; it is tried again",
            RedisConnectionException connection => OfConnection(connection),
            _ => $"{exception.GetType().Name}; it is tried again",
        };
        return new EngineException($"{where}: {words}", isTransient: true);
    }

    private static string OfAnswer(string answer)
    {
        foreach (var (start, words) in Known)
        {
            if (answer.Contains(start, StringComparison.Ordinal)) return $"{words} ({start.Trim()})";
        }

        return answer.Contains("nable to connect", StringComparison.Ordinal) || answer.Contains("o connection", StringComparison.Ordinal)
            ? "it cannot be reached; it is tried again"
            : $"it answers \"{(answer.Length > 200 ? answer[..200] : answer)}\"";
    }

    private static string OfConnection(RedisConnectionException exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            foreach (var (start, words) in Known)
            {
                if (inner.Message.Contains(start, StringComparison.Ordinal)) return $"{words} ({start.Trim()})";
            }

            if (inner is AuthenticationException) return "TLS: its certificate is not trusted or not for this host name, or it wants a client's certificate (TlsCa, TlsCertificate, TlsKey)";
        }

        return exception.FailureType switch
        {
            ConnectionFailureType.AuthenticationFailure => "it refuses the user, the password or the certificate",
            ConnectionFailureType.UnableToResolvePhysicalConnection or ConnectionFailureType.UnableToConnect or ConnectionFailureType.None => "it cannot be reached; it is tried again",
            _ => "the connection was cut; it is made anew",
        };
    }
}
