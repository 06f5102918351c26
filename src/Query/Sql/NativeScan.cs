namespace DataLayer.Query.Sql;

/// <summary>One pass over a <see cref="NativeTable"/>. Owned by the statement's thread.</summary>
internal abstract class NativeScan : IDisposable
{
    /// <summary>Which columns of the table DuckDB wants, in the order of the chunk's vectors.</summary>
    public int[] Columns { get; set; } = [];

    /// <summary>Writes the next rows, at most <see cref="NativeChunk.Capacity"/>; 0: the end.</summary>
    public abstract int Fill(NativeChunk chunk);

    public virtual void Dispose()
    {
    }
}
