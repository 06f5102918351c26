using DataLayer.Engines.Feed;

namespace DataLayer.Engines.Tests.Feed;

public sealed class FeedRegisterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "engines.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_again_knowsItsIdentityAndWhatWasSaved()
    {
        var register = FeedRegister.Open(_folder.Path);
        register.Put("a", new FeedEntry(FeedState.Paused, 12));
        register.Remember("b", new FeedEntry(FeedState.Running, 5));
        Assert.Null(FeedRegister.Open(_folder.Path).Find("b"));
        register.Save();
        var again = FeedRegister.Open(_folder.Path);
        Assert.Equal(register.Source, again.Source);
        Assert.Equal(new FeedEntry(FeedState.Paused, 12), again.Find("a"));
        Assert.Equal(new FeedEntry(FeedState.Running, 5), again.Find("b"));
        again.Remove("a");
        Assert.Equal(["b"], FeedRegister.Open(_folder.Path).Names);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{ \"Format\": 1, ")]
    [InlineData("{ \"Format\": 2, \"Source\": \"x\", \"Engines\": {} }")]
    [InlineData("{ \"Format\": 1 }")]
    public void Open_aFileThatIsNone_isRefusedAndLeftAsItIs(string text)
    {
        System.IO.File.WriteAllText(File, text);
        var error = Assert.Throws<EngineException>(() => FeedRegister.Open(_folder.Path));
        Assert.Contains(File, error.Message, StringComparison.Ordinal);
        Assert.Equal(text, System.IO.File.ReadAllText(File));
    }
}
