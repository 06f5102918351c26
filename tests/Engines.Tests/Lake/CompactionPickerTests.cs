using DataLayer.Engines.Lake;

namespace DataLayer.Engines.Tests.Lake;

public sealed class CompactionPickerTests
{
    private static readonly LakeOptions Options = new() { Directory = "", CompactionFanIn = 4, FileRowsMax = 1000 };

    [Fact]
    public void Pick_fewer_files_than_the_fan_in_stay() => Assert.Empty(CompactionPicker.Pick(Files(0, 0, 0), isClosed: false, Options));

    [Fact]
    public void Pick_neighbours_of_one_level_are_merged() =>
        Assert.Equal([3L, 4, 5, 6], CompactionPicker.Pick(Files(2, 1, 0, 0, 0, 0), isClosed: false, Options).Select(file => file.Rank));

    [Fact]
    public void Pick_same_level_but_apart_is_not_merged() => Assert.Empty(CompactionPicker.Pick(Files(0, 0, 1, 0, 0), isClosed: false, Options));

    [Fact]
    public void Pick_closed_takes_all() => Assert.Equal(3, CompactionPicker.Pick(Files(2, 1, 0), isClosed: true, Options).Count);

    [Fact]
    public void Pick_closed_with_one_file_is_done() => Assert.Empty(CompactionPicker.Pick(Files(2), isClosed: true, Options));

    [Fact]
    public void Pick_pieces_of_one_merge_are_done() =>
        Assert.Empty(CompactionPicker.Pick([.. Files(1, 1, 1, 1, 1).Select(file => file with { Rank = 5, Rows = 1000 })], isClosed: true, Options));

    [Fact]
    public void Pick_pieces_of_one_merge_go_together()
    {
        var files = Files(1, 1, 0, 0, 0, 0).Select(file => file.Number <= 2 ? file with { Rank = 2, Rows = 1000 } : file).ToList();
        Assert.Equal([3L, 4, 5, 6], CompactionPicker.Pick(files, isClosed: false, Options).Select(file => file.Number));
        Assert.Equal(6, CompactionPicker.Pick([.. files.Select(file => file with { Level = file.Number > 4 ? 3 : file.Level })], isClosed: true, Options).Count);
    }

    [Fact]
    public void Pick_an_hour_of_flushes_stays_few_and_each_sample_is_written_rarely()
    {
        var options = new LakeOptions { Directory = "" };
        var files = new List<LakeFile>();
        var (most, written) = (0, 0L);
        for (var flush = 1; flush <= 360; flush++)
        {
            files.Add(File(flush, 0) with { Rows = 1000 });
            while (CompactionPicker.Pick(files, isClosed: false, options) is { Count: > 0 } inputs)
            {
                var merged = File(inputs[^1].Number, inputs.Max(file => file.Level) + 1) with { Rows = inputs.Sum(file => file.Rows) };
                written += merged.Rows;
                var at = files.IndexOf(inputs[0]);
                files.RemoveRange(at, inputs.Count);
                files.Insert(at, merged);
            }

            most = Math.Max(most, files.Count);
        }

        Assert.InRange(most, 8, 25);
        Assert.InRange(written / 360_000.0, 1, 3);
    }

    private static LakeFile[] Files(params int[] levels) => [.. levels.Select((level, at) => File(at + 1, level))];

    private static LakeFile File(long number, int level) =>
        new() { Number = number, Rank = number, Kind = LakeFileKind.Samples, Path = "", PartitionStart = 0, Level = level, Rows = 10 };
}
