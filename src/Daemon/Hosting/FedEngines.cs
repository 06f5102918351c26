using DataLayer.Engines;
using DataLayer.Engines.Feed;
using DataLayer.Query;

namespace DataLayer.Daemon.Hosting;

/// <summary>The fed engines as queries find them: those that answer reads.</summary>
internal sealed class FedEngines(EngineFeeds feeds) : IEngineDirectory
{
    public IReadOnlyList<string> Names => [.. Readable.Select(engine => engine.Name)];

    /// <summary>The first in the configuration that keeps raw samples and has been reached.</summary>
    public IEngine? History => Readable.FirstOrDefault(engine => engine.Capabilities.HasFlag(EngineCapabilities.Raw) && engine.Position > 0);

    private IEnumerable<IFedEngine> Readable => feeds.All.Select(feed => feed.Feeder.Engine).Where(engine => engine.Capabilities.HasFlag(EngineCapabilities.Reads));

    public IEngine? Find(string name) => Readable.FirstOrDefault(engine => engine.Name == name);
}
