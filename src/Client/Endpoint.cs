using System.Globalization;

namespace DataLayer.Client;

/// <summary>A host and a port, as people write them: <c>host:port</c>, <c>[::1]:port</c>.</summary>
public readonly record struct Endpoint(string Host, int Port)
{
    /// <summary>Throws <see cref="ArgumentException"/> that says what is expected.</summary>
    public static Endpoint Parse(string text, string parameter) =>
        TryParse(text, out var endpoint) ? endpoint : throw new ArgumentException($"'{text}' is not an address: expected host:port, as in 127.0.0.1:7401", parameter);

    public static bool TryParse(string? text, out Endpoint endpoint)
    {
        endpoint = default;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0) return false;
        var host = text![..colon];
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        else if (host.Contains(':') || host.Contains('/')) return false;
        if (host.Length == 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
        if (port is < 1 or > 65535) return false;
        endpoint = new Endpoint(host, port);
        return true;
    }

    /// <summary>The base address of <c>host:port</c> or of an http(s) URL; it ends in a slash.</summary>
    public static Uri ParseHttp(string text, string parameter)
    {
        if (TryParse(text, out var endpoint)) return new Uri($"http://{endpoint}/");
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return new Uri(url.ToString().TrimEnd('/') + "/");
        throw new ArgumentException($"'{text}' is not an address: expected host:port, as in 127.0.0.1:7400, or a URL", parameter);
    }

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
