using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using ClickHouse.Driver;

namespace DataLayer.Engines.ClickHouse;

/// <summary>
/// What faults of the server, the network and the driver mean for the feeder: try again, look for the offending samples, or ask a person.
/// Codes: src/Common/ErrorCodes.cpp of ClickHouse. What is not known here is tried again: a person sees the text either way, and no sample is lost by waiting.
/// </summary>
internal static class ClickHouseErrors
{
    private const int TextLengthMax = 400;

    public static EngineException Translate(Exception fault, string where, string what, TimeSpan timeout)
    {
        var at = $"ClickHouse at {where}: cannot {what}: ";
        return fault switch
        {
            EngineException known => known,
            ClickHouseServerException refused => OfServer(refused, at),
            OperationCanceledException or TimeoutException => new EngineException($"{at}no answer within {timeout.TotalSeconds:0.#} s. The server is down, overloaded or out of reach; DataLayer tries again.", isTransient: true, fault),
            _ when Inner<AuthenticationException>(fault) is { } tls => new EngineException($"{at}TLS failed: {tls.Message} Check the server's certificate, the name in the connection string and TlsCa.", isTransient: true, fault),
            _ when Inner<SocketException>(fault) is { } socket => new EngineException($"{at}{socket.Message}. The server is down or out of reach; DataLayer tries again.", isTransient: true, fault),
            _ => new EngineException($"{at}the connection broke ({fault.GetType().Name}: {Short(fault.Message)}); DataLayer tries again.", isTransient: true, fault),
        };
    }

    /// <summary>An error of the server, by its code and text.</summary>
    public static EngineException OfServer(int code, string text, string at, Exception? inner = null) => code switch
    {
        // What the samples are: cannot be parsed or converted, out of a type's range, against a constraint, or refused by a view that somebody put on the table.
        6 or 27 or 38 or 41 or 53 or 69 or 70 or 72 or 117 or 131 or 349 or 395 or 407 or 469 or 321 => new RefusedSamplesException($"{at}{text}", inner),

        // Something is not as the engine made it.
        16 or 36 or 47 or 60 or 62 or 81 or 115 => new EngineException($"{at}{text} Somebody changed the schema, or the server is too old; see docs/engines/clickhouse.md.", isTransient: false, inner),
        192 or 193 or 194 or 516 => new EngineException($"{at}{text} Check user and password of the engine; DataLayer tries again.", isTransient: true, inner),
        164 or 497 => new EngineException($"{at}{text} The user needs the grants in docs/engines/clickhouse.md; DataLayer tries again.", isTransient: true, inner),
        252 => new EngineException($"{at}{text} Merges do not keep up: larger batches (BatchRows) or a faster disk help; DataLayer tries again.", isTransient: true, inner),
        242 => new EngineException($"{at}{text} The replicated table has lost its Keeper; DataLayer tries again.", isTransient: true, inner),
        241 => new EngineException($"{at}{text} The server or the user's profile (max_memory_usage) lacks memory; DataLayer tries again.", isTransient: true, inner),
        _ => new EngineException($"{at}{text} DataLayer tries again.", isTransient: true, inner),
    };

    /// <summary>The code in "Code: 241. DB::Exception: …"; -1 where there is none.</summary>
    public static int CodeOf(string text)
    {
        var at = text.IndexOf("Code: ", StringComparison.Ordinal);
        if (at < 0) return -1;
        var end = text.IndexOf('.', at);
        return end > 0 && int.TryParse(text.AsSpan(at + 6, end - at - 6), NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : -1;
    }

    /// <summary>A text of the server on one line, without what goes too far.</summary>
    public static string Short(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace("DB::Exception: ", string.Empty, StringComparison.Ordinal);
        return line.Length <= TextLengthMax ? line : line[..TextLengthMax] + "…";
    }

    private static EngineException OfServer(ClickHouseServerException refused, string at)
    {
        var code = CodeOf(refused.Message);
        return OfServer(code >= 0 ? code : refused.ErrorCode, Short(refused.Message), at, refused);
    }

    private static T? Inner<T>(Exception fault)
        where T : Exception
    {
        for (var inner = fault; inner is not null; inner = inner.InnerException)
        {
            if (inner is T wanted) return wanted;
        }

        return null;
    }
}
