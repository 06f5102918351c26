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
        SampleBuffers = new RowBufferPool<SampleRowBuffer>(options.CompactionFanIn + 2);
        RollupBuffers = new RowBufferPool<RollupRowBuffer>(options.CompactionFanIn + 2);
        State = new LakeState(options.Directory, storage, Index, Columns, EventIds);
        Quarantine = new LakeQuarantine(this);
        Sketches = new SketchSelector(options.SketchMetrics, catalog);
    }

    public LakeOptions Options { get; }

    public ISeriesCatalog Catalog { get; }

    public LakeStorage Storage { get; }

    public LakeState State { get; }

    public RowGroupIndex Index { get; } = new();

    /// <summary>Which ids the files of events have.</summary>
    public EventIds EventIds { get; } = new();

    /// <summary>What queries read of files lately.</summary>
    public ColumnCache Columns { get; }

    public RowBufferPool<SampleRowBuffer> SampleBuffers { get; }

    public RowBufferPool<RollupRowBuffer> RollupBuffers { get; }

    public LakeQuarantine Quarantine { get; }

    /// <summary>Owned by: the writer.</summary>
    public SketchSelector Sketches { get; }

    /// <summary>The decimal scale that each series had last. Owned by: the writer.</summary>
    public ScaleMemory Scales { get; } = new();
}
