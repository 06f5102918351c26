using System.Collections;
using System.Text;
using DataLayer.Daemon.Options;
using DataLayer.Fuzzing;
using Xunit;

namespace DataLayer.Daemon.Tests.Options;

/// <summary>Configuration that is nearly right is taken or refused with the place, and what is taken reads back as the same. See <see cref="Fuzz"/> for the long form.</summary>
public sealed class OptionsFuzzTests : IDisposable
{
    private const string Right = """
        { "DataLayer": { "DataDir": "/x", "Http": "127.0.0.1:7400", "Tcp": { "MaxConnections": 5, "Token": "t" }, "Udp": { "Enabled": false },
          "Lake": { "SketchMetrics": ["a", "b*"], "RawRetention": "30d", "MaxRawBytes": "10 GiB" }, "Limits": { "MinTime": "1970-01-01T00:00:00Z", "Series": 1000000, "MaxFuture": "1h" } } }
        """;

    private static readonly string[] Values = ["on", "30d", "1.5 GiB", "500 ms", "127.0.0.1:7400", "[::1]:80", "*:1", "localhost:1", "2026-03-01T00:00:00Z", "1_000", "10:00:00", "0.5", "a,b*"];

    private readonly string _folder = DaemonProcess.NewFolder();

    [Fact]
    public void Write_anyTextToAnyOption_isTakenAndReadBackOrRefused() => Fuzz.Run(30_000, random => (Key: random.Next(OptionCatalog.Keys.Count), Text: Mutation.Of(random, Values[random.Next(Values.Length)])), (input, _) =>
    {
        var (key, options) = (OptionCatalog.Keys[input.Key], new DaemonOptions());
        if (key.Write(options, input.Text) is { } fault)
        {
            Assert.Equal(key.Default, key.Read(options)); // What was refused has changed nothing.
            Assert.NotEmpty(fault);
            return;
        }

        var (read, again) = (key.Read(options), new DaemonOptions());
        Assert.Null(key.Write(again, read));
        Assert.Equal(read, key.Read(again));
    });

    [Fact]
    public void Load_nearlyRightFile_isTakenOrRefusedWithThePlace()
    {
        var file = Path.Combine(_folder, "right.json");
        File.WriteAllText(file, Right);
        Assert.Equal(5, OptionsLoader.Load(CommandLine.Parse(["--config", file]), new Hashtable()).Options.Tcp.MaxConnections);
        Fuzz.Run(1_000, random => random.Next(4) == 0 ? Mutation.Of(random, Encoding.UTF8.GetBytes(Right)) : Encoding.UTF8.GetBytes(Mutation.Of(random, Right)), (bytes, _) =>
        {
            var path = Path.Combine(_folder, $"{Environment.CurrentManagedThreadId}.json");
            File.WriteAllBytes(path, bytes);
            Fuzz.Bounded(8 << 20, () => Fuzz.Succeeds(() => OptionsLoader.Load(CommandLine.Parse(["--config", path]), new Hashtable()), fault => fault is ConfigurationException { Faults.Count: > 0 }));
        });
    }

    [Fact]
    public void Parse_nearlyRightArguments_areTakenOrRefused() => Fuzz.Run(30_000, random =>
        Mutation.Of(random, "run --config a.json --data-dir=/x --set Lake:RawRetention=30d --http 127.0.0.1:1"), (text, _) =>
    {
        var line = CommandLine.Parse(text.Split(' '));
        Assert.True(line.Fault is null or { Length: > 0 });
        foreach (var setting in line.Settings) Assert.StartsWith("DataLayer:", setting.Path, StringComparison.OrdinalIgnoreCase);
    });

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
