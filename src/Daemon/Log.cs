namespace DataLayer.Daemon;

/// <summary>What the daemon says. A message says what, which, and what the daemon does now.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "datalayerd {Version} starts on {DataDir} (configuration: {Source})")]
    public static partial void Starting(ILogger logger, string version, string dataDir, string source);

    [LoggerMessage(2, LogLevel.Information, "HTTP listens on http://{Http}, agents on {Ingest} (TCP{Udp})")]
    public static partial void Listening(ILogger logger, string http, string ingest, string udp);

    [LoggerMessage(3, LogLevel.Information, "Ready after {Seconds:F2} s: {Detail}")]
    public static partial void Ready(ILogger logger, double seconds, string detail);

    [LoggerMessage(4, LogLevel.Information, "Stopping: no new connections or data are taken, what is in flight is finished")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(5, LogLevel.Information, "Stopped after {Seconds:F2} s: {Detail}")]
    public static partial void Stopped(ILogger logger, double seconds, string detail);

    [LoggerMessage(6, LogLevel.Warning, "The UDP socket got a receive buffer of {GotBytes} bytes instead of {AskedBytes}: bursts may be dropped. Raise net.core.rmem_max, or give the daemon CAP_NET_ADMIN")]
    public static partial void SmallReceiveBuffer(ILogger logger, int gotBytes, int askedBytes);

    [LoggerMessage(7, LogLevel.Error, "UDP receive failed; the listener goes on")]
    public static partial void UdpFailed(ILogger logger, Exception error);

    [LoggerMessage(8, LogLevel.Warning, "Connection {Id} from {Peer} is closed: {Why}")]
    public static partial void ConnectionClosed(ILogger logger, string id, string peer, string why);

    [LoggerMessage(9, LogLevel.Error, "Connection {Id} from {Peer} failed on our side and is closed; what it had acked is safe")]
    public static partial void ConnectionFailed(ILogger logger, string id, string peer, Exception error);

    [LoggerMessage(10, LogLevel.Error, "{Worker} failed; it tries again in {Seconds} s")]
    public static partial void WorkerFailed(ILogger logger, string worker, double seconds, Exception error);

    [LoggerMessage(11, LogLevel.Warning, "The last flush to the lake did not finish within {Seconds} s: its samples stay in the log, and are read from there at the next start")]
    public static partial void FlushUnfinished(ILogger logger, double seconds);

    [LoggerMessage(12, LogLevel.Error, "A request to {Path} failed on our side")]
    public static partial void RequestFailed(ILogger logger, string path, Exception error);

    [LoggerMessage(13, LogLevel.Error, "No progress for {Seconds} s in {Stage}: the watchdog is not fed any more, so that systemd restarts the daemon")]
    public static partial void Stalled(ILogger logger, double seconds, string stage);

    [LoggerMessage(14, LogLevel.Warning, "The host collector cannot read these files of /proc: {Files}; their series are left out")]
    public static partial void HostFilesUnreadable(ILogger logger, string files);

    [LoggerMessage(16, LogLevel.Warning, "The last flush to the lake failed: its samples stay in the log, and are read from there at the next start")]
    public static partial void LastFlushFailed(ILogger logger, Exception error);

    [LoggerMessage(17, LogLevel.Error, "Storage fails in {Part}: {Why}. It is tried again until it works; nothing is acked that is not on disk")]
    public static partial void StorageFails(ILogger logger, string part, string why);

    [LoggerMessage(18, LogLevel.Warning, "Storage works again in {Part}, after {Failures} failed attempts")]
    public static partial void StorageRecovered(ILogger logger, string part, long failures);

    [LoggerMessage(19, LogLevel.Error, "{Count} damaged files of the lake lie aside, their samples are not in answers, the rest is served: {Files}")]
    public static partial void FilesQuarantined(ILogger logger, int count, string files);

    [LoggerMessage(15, LogLevel.Error, "A background task had ended before the stop")]
    public static partial void WorkerEnded(ILogger logger, Exception error);

    [LoggerMessage(20, LogLevel.Information, "Engine {Done}")]
    public static partial void EngineChanged(ILogger logger, string done);

    [LoggerMessage(21, LogLevel.Error, "The configuration was not reloaded, the engines go on as they were: {Why}")]
    public static partial void ReloadFailed(ILogger logger, string why);

    [LoggerMessage(22, LogLevel.Error, "Engine {Why}")]
    public static partial void EngineFails(ILogger logger, string why, Exception? bug);

    [LoggerMessage(23, LogLevel.Warning, "Engine {Name} works again, after {Failures} failed attempts")]
    public static partial void EngineRecovered(ILogger logger, string name, long failures);
}
