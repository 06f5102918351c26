using System.CommandLine;
using DataLayer.Cli.Terminals;
using DataLayer.Client;
using DataLayer.Client.Http;

namespace DataLayer.Cli;

/// <summary>What all commands share: the terminal, and the options that say where the daemon is.</summary>
internal sealed class CliContext(Terminal terminal)
{
    public Terminal Terminal { get; } = terminal;

    public Option<string?> Http { get; } = new("--http")
    {
        Description = $"The daemon's HTTP address [env DATALAYER_HTTP; default {DataLayerClientOptions.DefaultHttp}]", HelpName = "host:port", Recursive = true,
    };

    public Option<string?> Ingest { get; } = new("--ingest")
    {
        Description = $"The daemon's ingest address [env DATALAYER_INGEST; default {DataLayerClientOptions.DefaultIngest}]", HelpName = "host:port", Recursive = true,
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description = "The secret that the daemon asks for, if it does [env DATALAYER_TOKEN]", HelpName = "secret", Recursive = true,
    };

    /// <exception cref="CliException">An address is none.</exception>
    public DataLayerClientOptions ClientOptions(ParseResult result)
    {
        var options = new DataLayerClientOptions
        {
            Http = Setting(result, Http, "DATALAYER_HTTP") ?? DataLayerClientOptions.DefaultHttp,
            Ingest = Setting(result, Ingest, "DATALAYER_INGEST") ?? DataLayerClientOptions.DefaultIngest,
            Token = Setting(result, Token, "DATALAYER_TOKEN"),
            TimeProvider = Terminal.Time,
        };
        if (!Endpoint.TryParse(options.Ingest, out _)) throw CliException.Usage($"--ingest: '{options.Ingest}' is not an address; write host:port, as in 127.0.0.1:7401");
        try
        {
            Endpoint.ParseHttp(options.Http, "--http");
        }
        catch (ArgumentException)
        {
            throw CliException.Usage($"--http: '{options.Http}' is not an address; write host:port, as in 127.0.0.1:7400");
        }

        return options;
    }

    public HttpApi OpenHttp(ParseResult result) => new(ClientOptions(result));

    private string? Setting(ParseResult result, Option<string?> option, string variable)
    {
        if (result.GetValue(option) is { Length: > 0 } given) return given;
        return Terminal.Environment(variable) is { Length: > 0 } value ? value : null;
    }
}
