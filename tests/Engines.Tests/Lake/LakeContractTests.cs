using DataLayer.Engines.Lake;
using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests.Lake;

public sealed class LakeContractTests : EngineContract
{
    private readonly TemporaryFolder _folder = new();

    private protected override IEngine Create(ISeriesCatalog catalog) =>
        new LakeEngine(new LakeOptions { Directory = Path.Combine(_folder.Path, "lake"), RowGroupRows = 16, OpenHoursMax = 7 }, catalog, TimeProvider.System);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
