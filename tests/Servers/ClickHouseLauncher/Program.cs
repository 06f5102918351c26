// Runs ClickHouse's own HTTP and native servers out of libchdb.so, which holds the whole of clickhouse-local: test tool alone, in a process of its own, as the library takes signals for itself.
// ClickHouseLauncher LIBCHDB DATA_FOLDER HTTP_PORT TCP_PORT [arguments of clickhouse-local]; lives until its standard input is closed.
using System.Runtime.InteropServices;

if (args.Length < 4)
{
    Console.Error.WriteLine("usage: ClickHouseLauncher LIBCHDB DATA_FOLDER HTTP_PORT TCP_PORT [arguments of clickhouse-local]");
    return 64;
}

string[] arguments =
[
    "clickhouse", "--path=" + args[1], "--listen_host=127.0.0.1", "--http_port=" + args[2], "--tcp_port=" + args[3],
    "--input-format=LineAsString", "--structure=l String", .. args[4..],
    "--query=SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; SELECT count() FROM table FORMAT Null", // The last one reads standard input to its end.
];
unsafe
{
    var library = NativeLibrary.Load(args[0]);
    var setSignalHandlers = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "chdb_set_signal_handlers_enabled");
    var run = (delegate* unmanaged<int, byte**, nint>)NativeLibrary.GetExport(library, "chdb_query_cmdline");
    var errorOf = (delegate* unmanaged<nint, byte*>)NativeLibrary.GetExport(library, "chdb_result_error");
    setSignalHandlers(0);
    var pointers = stackalloc byte*[arguments.Length + 1];
    for (var at = 0; at < arguments.Length; at++) pointers[at] = (byte*)Marshal.StringToCoTaskMemUTF8(arguments[at]);
    pointers[arguments.Length] = null;
    var result = run(arguments.Length, pointers);
    var error = result == 0 ? null : errorOf(result);
    if (error == null) return 0;
    Console.Error.WriteLine(Marshal.PtrToStringUTF8((nint)error));
    return 1;
}
