using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DataLayer.LoadTest;

/// <summary>
/// What this machine takes for the parts that no daemon can avoid, at the pace of a run: a thread that wakes from a timer,
/// a batch that goes over loopback and a byte that comes back, and a batch made durable in a file written before. The schedule is open, as a sender's: what stalls delays all that comes
/// after it, so the last line is the least that send→ack can be here. No daemon is involved.
/// </summary>
internal sealed class FloorRun(LoadOptions options) : IDisposable
{
    private const int FileBytes = 64 << 20;

    private readonly string _path = Path.Combine(options.Folder, $"loadtest-floor-{Guid.NewGuid():N}");
    private readonly byte[] _batch = new byte[options.BatchBytes];
    private readonly Latencies _timer = new();
    private readonly Latencies _loopback = new();
    private readonly Latencies _disk = new();
    private readonly Latencies _all = new();

    public int Run()
    {
        Random.Shared.NextBytes(_batch);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(listener.LocalEndPoint!);
        new Thread(() => Echo(listener.Accept())) { IsBackground = true }.Start();
        using var file = CreateFile();
        Measure(client, file);
        Console.WriteLine($"""
            floor: {options.BatchBytes:N0} bytes, {BatchesPerSecond:N0} times a second for {options.Seconds:0.0} s
              timer, late by        {_timer.Report()}
              over loopback         {_loopback.Report()}
              fdatasync             {_disk.Report()}
              due→durable           {_all.Report()}
            """);
        return ExitCode.Pass;
    }

    public void Dispose() => File.Delete(_path);

    private double BatchesPerSecond => options.Rate > 0 ? options.Rate * 8 / options.BatchBytes : 500;

    private void Measure(Socket client, FileStream file)
    {
        var answer = new byte[1];
        var interval = Stopwatch.Frequency / BatchesPerSecond;
        var start = Stopwatch.GetTimestamp();
        var end = start + (long)(options.Seconds * Stopwatch.Frequency);
        for (var index = 1L; ; index++)
        {
            var due = start + (long)(interval * index);
            if (due >= end) return;
            var rest = (due - Stopwatch.GetTimestamp()) * 1_000_000 / Stopwatch.Frequency;
            if (rest > 0)
            {
                _ = Pacer.usleep((uint)rest);
                _timer.RecordTicks(due, Stopwatch.GetTimestamp());
            }

            var sent = Stopwatch.GetTimestamp();
            for (var bytes = 0; bytes < _batch.Length;) bytes += client.Send(_batch.AsSpan(bytes));
            if (!TryReceive(client, answer)) throw new IOException("The loopback connection broke.");
            _loopback.RecordTicks(sent, Stopwatch.GetTimestamp());

            RandomAccess.Write(file.SafeFileHandle, _batch, index * _batch.Length % (FileBytes - _batch.Length));
            var written = Stopwatch.GetTimestamp();
            if (fdatasync(file.SafeFileHandle.DangerousGetHandle().ToInt32()) != 0) throw new IOException($"{_path}: fdatasync failed.");
            var durable = Stopwatch.GetTimestamp();
            _disk.RecordTicks(written, durable);
            _all.RecordTicks(due, durable);
        }
    }

    private FileStream CreateFile()
    {
        var file = new FileStream(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0);
        var block = new byte[1 << 20];
        for (var at = 0; at < FileBytes; at += block.Length) file.Write(block);
        file.Flush(flushToDisk: true);
        return file;
    }

    private void Echo(Socket socket)
    {
        using (socket)
        {
            var batch = new byte[options.BatchBytes];
            while (TryReceive(socket, batch)) socket.Send(batch.AsSpan(0, 1));
        }
    }

    private static bool TryReceive(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var received = socket.Receive(bytes);
            if (received == 0) return false;
            bytes = bytes[received..];
        }

        return true;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int fdatasync(int file);
}
