using System.Globalization;

namespace DataLayer.Ingest.Log;

/// <summary>The messages of the log: what, where, and what to do.</summary>
internal static class LogErrors
{
    private const string WayOut =
        "Stop the daemon and run `datalayer verify` for the whole picture; `datalayer verify --repair` moves the damaged file aside, keeps every whole record, and reports exactly what is lost.";

    public static LogException Refused(LogIoException e, string what) => new($"{what}: {e.Message}; {e.Advice}.", e);

    public static LogException Damaged(ILogStorage storage, string name, long offset, long lsn, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The log is damaged: {Path.Combine(storage.Folder, name)} at byte {offset}, where LSN {lsn} should be: {what}. {WayOut}"));

    public static LogException BadHeader(ILogStorage storage, string name, string what) =>
        new($"The log is damaged: {Path.Combine(storage.Folder, name)} {what}. {WayOut}");

    public static LogException Missing(ILogStorage storage, long from, long to) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The log in {storage.Folder} lacks LSN {from} to {to}: a segment is missing. Put it back if you have it. {WayOut}"));

    public static LogException DefinitionsDamaged(ILogStorage storage, DefinitionsScan scan)
    {
        var path = Path.Combine(storage.Folder, DefinitionsFormat.FileName);
        var what = scan.HasHeader
            ? string.Create(CultureInfo.InvariantCulture, $"the entry at byte {scan.End} is broken, and later ones, at byte {scan.LaterCommitAt}, were acked")
            : "its header is not that of a definitions file";
        return new LogException($"{path} is damaged: {what}. It names the series of all data, so the daemon does not guess. Restore it from a backup of the folder; `datalayer verify` shows which entries are readable.");
    }

    public static LogException UnknownAgent(ILogStorage storage, int agent, int known) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The log in {storage.Folder} has batches of agent {agent}, but {DefinitionsFormat.FileName} there knows {known}: it is older than the log or was cut. Restore it from a backup of the folder."));

    public static LogException UnknownSeries(ILogStorage storage, int series, int known) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The log in {storage.Folder} has samples of series {series}, but {DefinitionsFormat.FileName} there knows {known}: it is older than the log or was cut. Restore it from a backup of the folder."));

    public static LogException Released(ILogStorage storage, long lsn, long oldest) =>
        new(string.Create(CultureInfo.InvariantCulture, $"LSN {lsn} is no longer in the log in {storage.Folder}, which starts at {oldest}: the reader has been away for longer than the log is kept. Start it anew from the lake."));
}
