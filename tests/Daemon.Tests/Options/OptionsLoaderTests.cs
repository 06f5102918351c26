using System.Collections;
using DataLayer.Daemon.Options;
using Xunit;

namespace DataLayer.Daemon.Tests.Options;

public sealed class OptionsLoaderTests : IDisposable
{
    private readonly string _folder = DaemonProcess.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_flagOverEnvironmentOverFile()
    {
        var file = Write("""{ "DataLayer": { "DataDir": "/file", "Tcp": { "MaxConnections": 5 }, "Udp": { "Enabled": false } } /* a comment */ }""");
        var environment = new Hashtable { ["DATALAYER_DATA_DIR"] = "/environment", ["DataLayer__Tcp__MaxConnections"] = "6" };
        var options = OptionsLoader.Load(CommandLine.Parse(["--config", file, "--set", "Tcp:MaxConnections=7"]), environment).Options;
        Assert.Equal("/environment", options.DataDir);
        Assert.Equal(7, options.Tcp.MaxConnections);
        Assert.False(options.Udp.Enabled);
    }

    [Fact]
    public void Load_lists_fromArrayAndText()
    {
        var file = Write("""{ "DataLayer": { "Lake": { "SketchMetrics": ["a", "b*"] } } }""");
        Assert.Equal(["a", "b*"], OptionsLoader.Load(CommandLine.Parse(["--config", file]), new Hashtable()).Options.Lake.SketchMetrics);
        Assert.Equal(["c"], OptionsLoader.Load(CommandLine.Parse(["--config", file, "--set", "Lake:SketchMetrics=c"]), new Hashtable()).Options.Lake.SketchMetrics);
    }

    [Theory]
    [InlineData("{ \"DataLayer\": ", "datalayer.json")]
    [InlineData("{ \"Other\": { \"Tcp\": 1 } }", "Other:Tcp is not an option")]
    [InlineData("{ \"DataLayer\": { \"Limits\": { \"Series\": 5, \"SeriesPerAgent\": 6 } } }", "DataLayer:Limits:SeriesPerAgent = 6 is more than DataLayer:Limits:Series = 5")]
    [InlineData("{ \"Tcp\": { \"MaxConnections\": 5 } }", "did you mean DataLayer:Tcp:MaxConnections?")]
    public void Load_ofABadFile_saysWhere(string json, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => OptionsLoader.Load(CommandLine.Parse(["--config", Write(json)]), new Hashtable()));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ofAFileThatIsNotThere_isRefused()
    {
        var error = Assert.Throws<ConfigurationException>(() => OptionsLoader.Load(CommandLine.Parse(["--config", "/nowhere.json"]), new Hashtable()));
        Assert.Contains("/nowhere.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ofABadSecret_doesNotShowIt()
    {
        var options = OptionsLoader.Load(CommandLine.Parse(["--set", "Tcp:Token=hush"]), new Hashtable()).Options;
        Assert.Equal("hush", options.Tcp.Token);
    }

    private string Write(string json)
    {
        var file = Path.Combine(_folder, "datalayer.json");
        File.WriteAllText(file, json);
        return file;
    }
}
