using DataLayer.Ingest.Log;
using Xunit;

namespace DataLayer.Ingest.Tests.Log;

public sealed class DefinitionsFileTests
{
    [Fact]
    public void Load_gives_back_all_in_order()
    {
        var storage = new MemoryStorage();
        Write(storage, ["a"], ["b", "c"], [new string('k', 70_000)], []);
        Assert.Equal(["a", "b", "c", new string('k', 70_000)], Load(storage, out _));
    }

    [Fact]
    public void Load_cut_at_every_byte_keeps_exactly_the_whole_entries_before()
    {
        var storage = new MemoryStorage();
        Write(storage, ["alpha", "beta"], ["gamma"], ["delta", "epsilon"]);
        var file = storage.Files[DefinitionsFormat.FileName];
        var whole = file.Bytes;
        string[] keys = ["alpha", "beta", "gamma", "delta", "epsilon"];
        var ends = keys.Select(key => whole.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(key)) + key.Length).ToArray();
        for (var cut = DefinitionsFormat.HeaderBytes; cut <= whole.Length; cut++)
        {
            file.Bytes = [.. whole[..cut]];
            var count = ends.Count(end => end <= cut);
            Assert.Equal(keys[..count], Load(storage, out _));

            // What was cut is gone for good: the next entries follow what is left.
            Append(storage, "omega");
            Assert.Equal([.. keys[..count], "omega"], Load(storage, out _));
        }
    }

    [Fact]
    public void Load_bit_flipped_before_the_last_commit_is_refused()
    {
        var storage = new MemoryStorage();
        Write(storage, ["alpha", "beta"], ["gamma"], ["delta"]);
        var file = storage.Files[DefinitionsFormat.FileName];
        var whole = file.Bytes;
        var lastCommit = whole.Length - "delta".Length - DefinitionQueue.EntryHeaderBytes - DefinitionsFormat.CommitBytes;
        for (var at = 0; at < lastCommit; at++)
        {
            if (at is >= 20 and < DefinitionsFormat.HeaderBytes) continue; // Reserved bytes of the header.
            file.Bytes = [.. whole];
            file.Bytes[at] ^= (byte)(1 << (at % 8));
            var refused = Assert.Throws<LogException>(() => Load(storage, out _));
            Assert.Contains("definitions is damaged", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_unfinished_commit_is_cut_even_when_its_later_entries_are_whole()
    {
        var storage = new MemoryStorage();
        Write(storage, ["alpha"], ["beta", "gamma"]);
        var file = storage.Files[DefinitionsFormat.FileName];
        file.Bytes[file.Bytes.AsSpan().IndexOf("beta"u8)] ^= 1;
        Assert.Equal(["alpha"], Load(storage, out var cutBytes));
        Assert.Equal((2 * DefinitionQueue.EntryHeaderBytes) + "betagamma".Length, cutBytes);
    }

    [Fact]
    public void Commit_after_a_failed_flush_writes_everything_to_a_new_file()
    {
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage);
        log.Define("alpha");
        log.Log.Commit();
        var first = storage.Files[DefinitionsFormat.FileName];
        log.Define("beta");
        var syncs = 0;
        storage.Fault = (operation, name) =>
        {
            if (operation == "sync" && syncs++ < 2) throw MemoryStorage.Refuse(operation, name, LogIoException.InputOutput);
        };
        Assert.Throws<LogException>(log.Log.Commit);
        log.Define("gamma");
        Assert.Throws<LogException>(log.Log.Commit);
        log.Log.Commit();
        Assert.NotSame(first, storage.Files[DefinitionsFormat.FileName]);
        storage.Fault = null;
        storage.Crash(new Random(1));
        Assert.Equal(["alpha", "beta", "gamma"], Load(storage, out _));
    }

    private static void Write(MemoryStorage storage, params string[][] commits)
    {
        using var log = new LogHarness(storage);
        foreach (var keys in commits)
        {
            foreach (var key in keys) log.Define(key);
            log.Log.Commit();
        }
    }

    private static void Append(MemoryStorage storage, string key)
    {
        using var log = new LogHarness(storage);
        log.Define(key);
        log.Log.Commit();
    }

    private static List<string> Load(MemoryStorage storage, out long cutBytes)
    {
        var keys = new List<string>();
        using var file = DefinitionsFile.Load(storage, (kind, number, bytes) =>
        {
            Assert.Equal(DefinitionQueue.SeriesKind, kind);
            Assert.Equal(keys.Count, number);
            keys.Add(System.Text.Encoding.UTF8.GetString(bytes));
        });
        cutBytes = file.CutBytes;
        return keys;
    }
}
