using Xunit;

namespace DataLayer.LoadTest.Tests;

public sealed class LoadOptionsTests
{
    [Fact]
    public void Parse_nothing_givesTheDefaults()
    {
        var options = LoadOptions.Parse([]);
        Assert.Equal((LoadKind.Rows, 10_000, 1000, 256 << 10), (options.Kind, options.Series, options.Columns, options.BatchBytes));
    }

    [Fact]
    public void Parse_rate_givesEachSeriesItsStep() => Assert.Equal(10_000, LoadOptions.Parse(["--rate", "1000000", "--series", "10000"]).StepMicros);

    [Theory]
    [InlineData("--kind", "bricks")]
    [InlineData("--kind", "1")]
    [InlineData("--rate", "-1")]
    [InlineData("--rate", "much")]
    [InlineData("--ingest", "192.0.2.1:7401")]
    [InlineData("--ingest", "127.0.0.1")]
    [InlineData("--codec", "zstd")]
    [InlineData("--no-such", "1")]
    [InlineData("--series", "")]
    public void Parse_wrongValue_saysSo(string name, string value)
    {
        var error = Assert.Throws<UsageException>(() => LoadOptions.Parse([name, value]));
        Assert.StartsWith(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_mode_isTheFirstWord()
    {
        var daemon = typeof(LoadOptionsTests).Assembly.Location;
        var options = LoadOptions.Parse(["overload", "--daemon", daemon, "--bars"]);
        Assert.Equal((LoadMode.Overload, 4, true), (options.Mode, options.Connections, options.Bars));
        Assert.Equal(LoadMode.Load, LoadOptions.Parse([]).Mode);
        Assert.Throws<UsageException>(() => LoadOptions.Parse(["overlord", "--daemon", daemon]));
        Assert.Throws<UsageException>(() => LoadOptions.Parse(["overload", "--daemon", daemon, "--kind", "udp-rows"]));
        Assert.Throws<UsageException>(() => LoadOptions.Parse(["overload"]));
        var soak = LoadOptions.Parse(["soak", "--daemon", daemon]);
        Assert.Equal((1800, 2e6, 300, 20_000), (soak.Seconds, soak.Rate, soak.ChurnSeconds, soak.Series));
        var register = LoadOptions.Parse(["register", "--daemon", daemon]);
        Assert.Equal((1_000_000, 2, 500), (register.Series, register.Connections, register.Columns));
        Assert.Throws<UsageException>(() => LoadOptions.Parse(["register", "--daemon", daemon, "--series", "1001"]));
    }

    [Fact]
    public void Parse_optionTwiceOrWithoutValue_saysSo()
    {
        Assert.Throws<UsageException>(() => LoadOptions.Parse(["--rate", "1", "--rate", "2"]));
        Assert.Throws<UsageException>(() => LoadOptions.Parse(["--rate"]));
        Assert.Throws<UsageException>(() => LoadOptions.Parse(["kill", "--daemon", "/no/such/file.dll"]));
        Assert.Throws<UsageException>(() => LoadOptions.Parse(["--kind", "udp-lines", "--batch-bytes", "66000"]));
    }
}
