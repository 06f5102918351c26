using System.Text.RegularExpressions;
using Xunit;

namespace DataLayer.Daemon.Tests.Faults;

/// <summary>What a daemon flushed, renamed and deleted, as strace wrote it down.</summary>
internal sealed partial class SyncTrace(string[] lines)
{
    /// <summary>Paths of files and folders whose flush failed, in order, one entry for each failure.</summary>
    public List<string> Failed { get; } = [];

    /// <summary>
    /// After a failed flush the kernel may have let go of what it could not write, and the next one succeeds without having written it. So a file whose flush failed
    /// must not be flushed again, unless it has been deleted and made anew. Folders hold names alone: they are flushed again after new names came.
    /// </summary>
    public void AssertNoFileIsTrustedAgain()
    {
        var open = new Dictionary<string, string>();
        var distrusted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (Names().Match(line) is { Success: true })
            {
                var paths = Path().Matches(line).Select(path => path.Groups[1].Value).ToList();
                var isDistrusted = distrusted.Remove(paths[0]);
                if (paths.Count > 1 && isDistrusted) distrusted.Add(paths[1]);
                else if (paths.Count > 1) distrusted.Remove(paths[1]);
                continue;
            }

            if (Begin().Match(line) is { Success: true } begin)
            {
                var path = begin.Groups["path"].Value;
                open[begin.Groups["pid"].Value] = path;
                Assert.False(distrusted.Contains(path), $"{path} is flushed again after its flush failed:\n{string.Join('\n', lines)}");
            }

            if (!line.Contains("= -1", StringComparison.Ordinal) || !line.Contains("sync", StringComparison.Ordinal)) continue;
            var failed = open[line.Split(' ')[0]];
            Failed.Add(failed);
            if (!Directory.Exists(failed)) distrusted.Add(failed);
        }
    }

    [GeneratedRegex(@"^(?<pid>\d+) +f(data)?sync\(\d+<(?<path>[^>]*)>")]
    private static partial Regex Begin();

    [GeneratedRegex(@"^\d+ +(unlink|unlinkat|rename|renameat|renameat2)\(.* = 0$")]
    private static partial Regex Names();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Path();
}
