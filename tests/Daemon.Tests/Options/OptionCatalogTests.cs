using DataLayer.Daemon.Options;
using Xunit;

namespace DataLayer.Daemon.Tests.Options;

public sealed class OptionCatalogTests
{
    [Fact]
    public void ConfigurationPage_documentsExactlyTheOptionsThereAre()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));
        var tables = page[page.IndexOf("### DataLayer\n", StringComparison.Ordinal)..];
        Assert.Equal(OptionCatalog.Markdown().Trim(), tables.Trim());
    }

    [Fact]
    public void Keys_allDefaults_areAllowedValues()
    {
        foreach (var key in OptionCatalog.Keys) Assert.True(key.Write(new DaemonOptions(), key.Default) is null, $"{key.Path} = {key.Default}: {key.Write(new DaemonOptions(), key.Default)}");
        Assert.Empty(new DaemonOptions().Faults());
    }

    [Fact]
    public void Keys_writtenAndRead_giveTheSameText()
    {
        foreach (var key in OptionCatalog.Keys)
        {
            var options = new DaemonOptions();
            key.Write(options, key.Default);
            Assert.Equal(key.Default, key.Read(options));
        }
    }
}
