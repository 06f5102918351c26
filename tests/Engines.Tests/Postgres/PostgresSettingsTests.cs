using DataLayer.Engines.Postgres;

namespace DataLayer.Engines.Tests.Postgres;

public sealed class PostgresSettingsTests
{
    [Fact]
    public void Parse_nothing_is_the_defaults()
    {
        var settings = PostgresSettings.Parse(new Dictionary<string, string>());
        Assert.Equal((true, TimeSpan.FromDays(1), 2, 32, true), (settings.IsUnique, settings.PartitionWidth, settings.PartitionsAhead, settings.MaxPreparedStatements, settings.UsesTimescale));
    }

    [Fact]
    public void Parse_all_settings_are_taken()
    {
        var settings = PostgresSettings.Parse(new Dictionary<string, string>
        {
            ["index"] = "BRIN", ["PartitionWidth"] = "7.00:00:00", ["PartitionsAhead"] = "0", ["MaxPreparedStatements"] = "1000", ["Timescale"] = "off",
        });
        Assert.Equal((false, TimeSpan.FromDays(7), 0, 1000, false), (settings.IsUnique, settings.PartitionWidth, settings.PartitionsAhead, settings.MaxPreparedStatements, settings.UsesTimescale));
    }

    [Theory]
    [InlineData("Indx", "btree", "Index, PartitionWidth")]
    [InlineData("Index", "hash", "'btree' or 'brin'")]
    [InlineData("PartitionWidth", "00:59:00", "01:00:00 to 366.00:00:00")]
    [InlineData("PartitionWidth", "367.00:00:00", "01:00:00 to 366.00:00:00")]
    [InlineData("PartitionWidth", "01:30:00", "whole hours")]
    [InlineData("PartitionsAhead", "101", "0 to 100")]
    [InlineData("PartitionsAhead", "-1", "0 to 100")]
    [InlineData("MaxPreparedStatements", "many", "0 to 1000")]
    [InlineData("Timescale", "yes", "'auto' or 'off'")]
    public void Parse_what_is_wrong_is_refused_and_what_is_allowed_said(string name, string value, string said)
    {
        var refused = Assert.Throws<EngineException>(() => PostgresSettings.Parse(new Dictionary<string, string> { [name] = value }));
        Assert.False(refused.IsTransient);
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=h;Database=d;Username=u;Pasword=s3cret")]
    [InlineData("Host=h;Database=d;Username=u;Port=s3cret")]
    [InlineData("Database=d;Username=u;Password=s3cret")]
    [InlineData("Host=h;Password=s3cret")]
    public void Engine_connection_string_that_is_wrong_is_refused_without_its_secrets(string text)
    {
        var refused = Assert.Throws<EngineException>(() => PostgresFixture.On(text, new MemoryCatalog(1)));
        Assert.DoesNotContain("s3cret", refused.ToString(), StringComparison.Ordinal);
    }
}
