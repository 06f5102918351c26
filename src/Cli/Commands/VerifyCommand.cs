using System.CommandLine;
using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;
using DataLayer.Engines.Lake;
using DataLayer.Ingest.Log;

namespace DataLayer.Cli.Commands;

/// <summary><c>verify DATA_DIR</c>: reads all of log and lake on disk, without a daemon, and says whether they are sound.</summary>
internal static class VerifyCommand
{
    private const string LogFolder = "log";
    private const string LakeFolder = "lake";
    private const string QuarantineSuffix = ".quarantine";

    public static Command Create(CliContext cli)
    {
        var folder = new Argument<string?>("data-dir") { Description = "The daemon's data folder", Arity = ArgumentArity.ZeroOrOne };
        var named = new Option<string?>("--data-dir") { Description = "The same, named as the daemon's option" };
        var repair = new Option<bool>("--repair") { Description = "Move damaged log segments aside and keep their whole records, so that the daemon starts again" };
        var command = new ExampledCommand("verify", "Checks log and lake on disk; the daemon must not run.", "datalayer verify /var/lib/datalayer", "datalayer verify /var/lib/datalayer --repair")
        {
            Notes = ["Exit code 1: there is damage. Without --repair nothing is changed.", "A repair deletes nothing: damaged segments stay beside the others as *.quarantine."],
        };
        command.Add(folder);
        command.Add(named);
        command.Add(repair);
        command.SetAction((result, cancellation) => Task.FromResult(Run(cli.Terminal, FolderOf(result.GetValue(folder), result.GetValue(named)), result.GetValue(repair), cancellation)));
        return command;
    }

    private static string FolderOf(string? argument, string? named) => (argument, named) switch
    {
        (null, null) => throw CliException.Usage("name the daemon's data folder: datalayer verify /var/lib/datalayer"),
        (not null, not null) => throw CliException.Usage("name one data folder, not two"),
        _ => argument ?? named!,
    };

    private static int Run(Terminal terminal, string folder, bool isRepair, CancellationToken cancellation)
    {
        var (logPath, lakePath) = (Path.Combine(folder, LogFolder), Path.Combine(folder, LakeFolder));
        if (!Directory.Exists(logPath) && !Directory.Exists(lakePath)) throw CliException.Usage($"{folder} is no data folder: it has neither {LogFolder}/ nor {LakeFolder}/");
        try
        {
            // Nobody writes while this reads: half a commit would look like damage.
            using var held = DataDirectoryLock.Acquire(folder);
            var lake = Directory.Exists(lakePath) ? LakeVerifier.Verify(lakePath, cancellation) : null;
            var storage = new DiskStorage(logPath);
            var log = LogVerifier.Run(storage);
            Write(terminal, log, lake, lakePath);
            var isWhole = CheckHole(terminal, log, lake, logPath);
            if (isRepair && !log.IsSound) log = Repair(terminal, storage, lake?.Position ?? 0);
            return log.IsSound && lake is null or { Problems.Count: 0 } && isWhole ? ExitCodes.Ok : ExitCodes.Negative;
        }
        catch (LogException e)
        {
            throw new CliException(ExitCodes.Unavailable, e.Message);
        }
    }

    private static void Write(Terminal terminal, LogVerification log, LakeVerification? lake, string lakePath)
    {
        var records = log.Records == 0 ? "no records" : $"{Numbers.Count(log.Records)} records ({Numbers.Count(log.FirstLsn)} to {Numbers.Count(log.LastLsn)}), {Numbers.Count(log.Samples)} samples";
        Verdict(terminal, log.IsSound, "log", $"{Plural(log.Segments, "segment")}, {Numbers.Bytes(log.SegmentBytes)}, {records}, {Numbers.Count(log.Series)} series, {Plural(log.Agents, "agent")}");
        foreach (var finding in log.Findings)
            terminal.WriteLine("    ", new Piece(finding.IsDamage ? "damage  " : "note    ", finding.IsDamage ? "red" : "dim"), $"{finding.File} at byte {Numbers.Count(finding.Offset)}{Lsns(finding)}: {finding.What}");
        if (lake is null) terminal.WriteLine(new Piece("- ", "dim"), "lake  none yet");
        else Verdict(terminal, lake.Problems.Count == 0, "lake", $"{Plural(lake.Files, "file")}, {Numbers.Count(lake.Rows)} rows, holds the log up to {Numbers.Count(lake.Position)}");
        foreach (var aside in Directory.Exists(lakePath) ? Directory.EnumerateFiles(lakePath, "*" + QuarantineSuffix, SearchOption.AllDirectories) : [])
            terminal.WriteLine("    ", new Piece("note    ", "dim"), $"{aside} is damaged and was moved aside by the daemon: its samples are not in answers");
        foreach (var problem in lake?.Problems ?? []) terminal.WriteLine("    ", new Piece("damage  ", "red"), problem);
    }

    private static LogVerification Repair(Terminal terminal, DiskStorage storage, long afterLsn)
    {
        var repaired = LogRepair.Run(storage, afterLsn);
        terminal.WriteLine($"repaired: {Plural(repaired.Quarantined.Count, "file")} moved aside, {Numbers.Count(repaired.RecordsKept)} whole records kept");
        foreach (var name in repaired.Quarantined) terminal.WriteLine("    ", name);
        Verdict(terminal, repaired.After.IsSound, "log", repaired.After.IsSound ? "sound" : "still damaged");
        return repaired.After;
    }

    /// <summary>Whether each record is in the lake or in the log. What a repair has given up is told, and is no damage any more.</summary>
    private static bool CheckHole(Terminal terminal, LogVerification log, LakeVerification? lake, string logPath)
    {
        var position = lake?.Position ?? 0;
        if (log.Records == 0 || log.FirstLsn <= position + 1) return true;
        var isGivenUp = Directory.EnumerateFiles(logPath, "*" + QuarantineSuffix).Any();
        var hole = $"records {Numbers.Count(position + 1)} to {Numbers.Count(log.FirstLsn - 1)} are in neither: the log begins after them, the lake ends before them";
        terminal.WriteLine(new Piece(isGivenUp ? "- " : "✗ ", isGivenUp ? "dim" : "red"), hole, isGivenUp ? $" (given up by a repair; *{QuarantineSuffix} has what is left)" : "");
        return isGivenUp;
    }

    private static void Verdict(Terminal terminal, bool isSound, string what, string facts) =>
        terminal.WriteLine(new Piece(isSound ? "✓ " : "✗ ", isSound ? "green" : "red"), new Piece(what.PadRight(4), "bold"), "  ", facts);

    private static string Lsns(LogFinding finding) =>
        finding.FirstLsn == 0 ? "" : finding.FirstLsn == finding.LastLsn ? $" (record {Numbers.Count(finding.FirstLsn)})" : $" (records {Numbers.Count(finding.FirstLsn)} to {Numbers.Count(finding.LastLsn)})";

    private static string Plural(long count, string noun) => $"{Numbers.Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
