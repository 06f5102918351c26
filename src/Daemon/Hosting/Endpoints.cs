using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DataLayer.Daemon.Hosting;

/// <summary>Kestrel's listeners; once it has started, their addresses with the ports that they really have.</summary>
internal sealed class Endpoints
{
    public ListenOptions Http { get; set; } = null!;

    public ListenOptions Ingest { get; set; } = null!;
}
