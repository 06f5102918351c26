using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace DataLayer.Query.Sql;

/// <summary>The vectors of one data chunk of DuckDB's, to be filled. Valid until the call that got it returns.</summary>
internal readonly unsafe ref struct NativeChunk
{
    /// <summary>DuckDB's STANDARD_VECTOR_SIZE.</summary>
    public const int Capacity = 2048;

    private readonly IntPtr _chunk;
    private readonly int[] _columns;

    public NativeChunk(IntPtr chunk, int[] columns) => (_chunk, _columns) = (chunk, columns);

    /// <summary>The place for <see cref="Capacity"/> values of a column of the table; empty when DuckDB does not want that column.</summary>
    public Span<T> Column<T>(int column)
        where T : unmanaged
    {
        var vector = Vector(column);
        return vector == IntPtr.Zero ? default : new Span<T>(NativeMethods.Vectors.DuckDBVectorGetData(vector), Capacity);
    }

    /// <summary>The vector of a column of the table, or zero when DuckDB does not want it.</summary>
    public IntPtr Vector(int column)
    {
        var at = Array.IndexOf(_columns, column);
        return at < 0 ? IntPtr.Zero : duckdb_data_chunk_get_vector(_chunk, (ulong)at);
    }

    public static void SetText(IntPtr vector, int row, ReadOnlySpan<byte> utf8)
    {
        fixed (byte* bytes = utf8) NativeMethods.Vectors.DuckDBVectorAssignStringElementLength(vector, (ulong)row, bytes, utf8.Length);
    }

    // The binding's own takes a handle that would destroy the chunk, which is DuckDB's.
    [DllImport("duckdb", ExactSpelling = true, CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr duckdb_data_chunk_get_vector(IntPtr chunk, ulong column);
}
