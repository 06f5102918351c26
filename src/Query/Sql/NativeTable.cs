using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace DataLayer.Query.Sql;

/// <summary>
/// A table that DuckDB reads from us, 2,048 rows at a time, straight into its vectors: <c>name(view number)</c>. No row is boxed and nothing is copied twice.
/// Registered once per database and alive as long as it. DuckDB calls on the thread that runs the statement.
/// </summary>
internal abstract unsafe class NativeTable
{
    protected NativeTable(string name, params (string Name, DuckDBType Type)[] columns)
    {
        Name = name;
        Columns = columns;
    }

    public string Name { get; }

    private (string Name, DuckDBType Type)[] Columns { get; }

    /// <summary>Starts a scan of the view with this number. Throws <see cref="QueryException"/> when there is none.</summary>
    protected abstract NativeScan Open(long view);

    /// <summary>About how many rows a scan of the view gives: a join then keeps the smaller side in memory. 0: a handful.</summary>
    protected virtual long EstimateRows(long view) => 0;

    public void Register(DuckDBConnection connection)
    {
        var table = NativeMethods.TableFunction.DuckDBCreateTableFunction();
        try
        {
            NativeMethods.TableFunction.DuckDBTableFunctionSetName(table, Name);
            using (var number = NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.BigInt))
            {
                NativeMethods.TableFunction.DuckDBTableFunctionAddParameter(table, number);
            }

            NativeMethods.TableFunction.DuckDBTableFunctionSetExtraInfo(table, GCHandle.ToIntPtr(GCHandle.Alloc(this)), &FreeHandle);
            NativeMethods.TableFunction.DuckDBTableFunctionSetBind(table, &Bind);
            NativeMethods.TableFunction.DuckDBTableFunctionSetInit(table, &Init);
            NativeMethods.TableFunction.DuckDBTableFunctionSetFunction(table, &Fill);
            NativeMethods.TableFunction.DuckDBTableFunctionSupportsProjectionPushdown(table, true);
            if (NativeMethods.TableFunction.DuckDBRegisterTableFunction(connection.NativeConnection, table) != DuckDBState.Success)
                throw new InvalidOperationException($"DuckDB refused the table function {Name}.");
        }
        finally
        {
            NativeMethods.TableFunction.DuckDBDestroyTableFunction(ref table);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Bind(IntPtr info)
    {
        try
        {
            var table = Target<NativeTable>(NativeMethods.TableFunction.DuckDBBindGetExtraInfo(info));
            foreach (var (name, type) in table.Columns)
            {
                using var logical = LogicalOf(type);
                NativeMethods.TableFunction.DuckDBBindAddResultColumn(info, name, logical);
            }

            using var value = NativeMethods.TableFunction.DuckDBBindGetParameter(info, 0);
            var view = NativeMethods.Value.DuckDBGetInt64(value);
            if (table.EstimateRows(view) is > 0 and var rows) NativeMethods.TableFunction.DuckDBBindSetCardinality(info, (ulong)rows, false);
            var handle = GCHandle.Alloc(new Bound(table, view));
            NativeMethods.TableFunction.DuckDBBindSetBindData(info, GCHandle.ToIntPtr(handle), &FreeHandle);
        }
        catch (Exception e)
        {
            // The edge to native code: an exception must not cross it.
            NativeMethods.TableFunction.DuckDBBindSetError(info, e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Init(IntPtr info)
    {
        try
        {
            var bound = Target<Bound>(NativeMethods.TableFunction.DuckDBInitGetBindData(info));
            var scan = bound.Table.Open(bound.View);
            var columns = new int[(int)NativeMethods.TableFunction.DuckDBInitGetColumnCount(info)];
            for (var i = 0; i < columns.Length; i++) columns[i] = (int)NativeMethods.TableFunction.DuckDBInitGetColumnIndex(info, (ulong)i);
            scan.Columns = columns;
            NativeMethods.TableFunction.DuckDBInitSetInitData(info, GCHandle.ToIntPtr(GCHandle.Alloc(scan)), &FreeHandle);
        }
        catch (Exception e)
        {
            NativeMethods.TableFunction.DuckDBInitSetError(info, e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Fill(IntPtr info, IntPtr chunk)
    {
        try
        {
            var scan = Target<NativeScan>(NativeMethods.TableFunction.DuckDBFunctionGetInitData(info));
            var rows = scan.Fill(new NativeChunk(chunk, scan.Columns));
            duckdb_data_chunk_set_size(chunk, (ulong)rows);
        }
        catch (Exception e)
        {
            NativeMethods.TableFunction.DuckDBFunctionSetError(info, e.Message);
        }
    }

    /// <summary>Called by DuckDB when it has no more use for what a handle holds; a scan that was not read to its end is disposed here.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void FreeHandle(IntPtr pointer)
    {
        var handle = GCHandle.FromIntPtr(pointer);
        (handle.Target as IDisposable)?.Dispose();
        handle.Free();
    }

    private static DuckDBLogicalType LogicalOf(DuckDBType type)
    {
        if (type != DuckDBType.List) return NativeMethods.LogicalType.DuckDBCreateLogicalType(type);
        using var text = NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.Varchar); // All our lists are of strings.
        return NativeMethods.LogicalType.DuckDBCreateListType(text);
    }

    private static T Target<T>(IntPtr handle)
        where T : class => (T)GCHandle.FromIntPtr(handle).Target!;

    // The binding's own takes a handle that would destroy the chunk, which is DuckDB's.
    [DllImport("duckdb", ExactSpelling = true, CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void duckdb_data_chunk_set_size(IntPtr chunk, ulong size);

    private sealed record Bound(NativeTable Table, long View);
}
