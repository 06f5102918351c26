using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Lake;

/// <summary>What the parts of one lake share.</summary>
internal sealed class LakeContext
{
    public LakeContext(LakeOptions options, ISeriesCatalog catalog, LakeStorage storage)
    {
        Options = options;
        Catalog = catalog;
        Storage = storage;
        Columns = new ColumnCache(options.CacheBytes);
        State = new LakeState(options.Directory, storage, Index, Columns);
        Quarantine = new LakeQuarantine(this);
        Sketches = new SketchSelector(options.SketchMetrics, catalog);
    }

    public LakeOptions Options { get; }

    public ISeriesCatalog Catalog { get; }

    public LakeStorage Storage { get; }

    public LakeState State { get; }

    public RowGroupIndex Index { get; } = new();

    /// <summary>What queries read of files lately.</summary>
    public ColumnCache Columns { get; }

    public SampleBufferPool Buffers { get; } = new();

    public LakeQuarantine Quarantine { get; }

    /// <summary>Owned by: the writer.</summary>
    public SketchSelector Sketches { get; }

    /// <summary>The decimal scale that each series had last. Owned by: the writer.</summary>
    public ScaleMemory Scales { get; } = new();
}
