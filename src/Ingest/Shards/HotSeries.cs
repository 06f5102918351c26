namespace DataLayer.Ingest.Shards;

/// <summary>
/// One series in one generation: where its chunks are and how far they are filled. Written by the shard's thread alone;
/// readers take <see cref="Count"/> (published last) and walk from <see cref="Head"/>.
/// </summary>
internal struct HotSeries
{
    /// <summary>Samples in this generation, published after they are written.</summary>
    public int Count;

    /// <summary>Where the next sample goes, as an index over all slabs.</summary>
    public int Position;

    /// <summary>Where the current chunk ends; 0: there is none yet.</summary>
    public int End;

    /// <summary>Where the first chunk's header is.</summary>
    public int Head;

    /// <summary>Where the current chunk's header is.</summary>
    public int Tail;

    /// <summary>Where the latest arrival is, published after it is written.</summary>
    public int Last;

    /// <summary>The greatest time in this generation.</summary>
    public long LastTime;

    /// <summary>The greatest time in earlier generations or in the lake; long.MinValue: none.</summary>
    public long BaseTime;

    /// <summary>Set once a sample came that is not after all others: readers then sort and take out duplicates.</summary>
    public bool IsUnsorted;
}
