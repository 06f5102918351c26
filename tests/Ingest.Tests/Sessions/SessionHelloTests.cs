using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>Hello, tokens, and what a connection may say before and after.</summary>
public sealed class SessionHelloTests
{
    private static readonly SessionOptions TokenRequired = new() { RequireToken = true };

    [Fact]
    public void Hello_tokenAllowed_isWelcome()
    {
        using var fixture = new SessionFixture(TokenRequired, tokenCheck: (agent, token) => (agent, token) == ("a", "secret"));
        Assert.Equal(fixture.Time.GetUtcNow().AddSeconds(10), fixture.Session.NeedsHelloBy);
        Assert.Equal(SessionStatus.Continue, fixture.Feed(Hello("a", "secret"), Line("m")));
        Assert.Null(fixture.Session.NeedsHelloBy);
        Assert.Equal("a", fixture.Session.AgentName);
        Assert.Equal(["m 0 1"], fixture.Values);
    }

    [Theory]
    [InlineData("a", "wrong")]
    [InlineData("b", "secret")]
    [InlineData("a", null)]
    public void Hello_tokenNotAllowed_closes(string agent, string? token)
    {
        using var fixture = new SessionFixture(TokenRequired, tokenCheck: (name, given) => (name, given) == ("a", "secret"));
        Assert.Equal(SessionStatus.Closed, fixture.Feed(Hello(agent, token), Line("m")));
        Assert.Equal(["error 0 3"], fixture.Output.Messages);
        Assert.Empty(fixture.Values);
        Assert.Equal(SessionStatus.Closed, fixture.Feed(Hello("a", "secret")));
        Assert.Equal(0, fixture.Agents.Count);
    }

    [Fact]
    public void Consume_beforeRequiredHello_closes()
    {
        foreach (var message in new[] { Line("m"), Schema(1, "a"), Batch(1, Line("m")), Flush(1), [0xa1, 0x61], [0xc1] })
        {
            using var fixture = new SessionFixture(TokenRequired);
            Assert.Equal(SessionStatus.Closed, fixture.FeedSplit(message, 1));
            Assert.Equal(["error 0 3"], fixture.Output.Messages);
            Assert.Equal(0, fixture.Counters.Published);
        }
    }

    [Fact]
    public void Hello_requiredInPieces_isWelcome()
    {
        using var fixture = new SessionFixture(TokenRequired);
        Assert.Equal(SessionStatus.Continue, fixture.FeedSplit(Join(Hello("a", "t"), Line("m")), 1));
        Assert.Equal(["welcome 0"], fixture.Output.Messages);
        Assert.Equal(["m 0 1"], fixture.Values);
    }

    [Fact]
    public void Hello_twice_isError4()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Hello("a"), Hello("b"));
        Assert.Equal(["welcome 0", "error 0 4"], fixture.Output.Messages);
        Assert.Equal("a", fixture.Session.AgentName);
    }

    [Fact]
    public void Hello_otherVersion_isError9()
    {
        using var fixture = new SessionFixture();
        Assert.Equal(SessionStatus.Continue, fixture.Feed([0x92, 0, 0x81, 0xa1, (byte)'v', 2]));
        Assert.Equal(["error 0 9"], fixture.Output.Messages);
    }

    [Theory]
    [InlineData("with\u0007bell")]
    [InlineData("300")]
    public void Hello_badName_isError4(string name)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Hello(name == "300" ? new string('a', 300) : name));
        Assert.Equal(["error 0 4"], fixture.Output.Messages);
    }

    [Fact]
    public void Hello_unknownKeys_arePassedOver()
    {
        using var fixture = new SessionFixture();
        fixture.Feed([0x92, 0, 0x82, 0xa1, (byte)'z', 0x92, 0x80, 0xc0, 0xa1, (byte)'v', 1]);
        Assert.Equal(["welcome 0"], fixture.Output.Messages);
    }

    [Fact]
    public void Hello_lastSeq_isTheHighestDurable()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.IsInstant = false;
        fixture.Feed(Hello("a"), Batch(1, Line("m")), Batch(2, Line("m")), Batch(3, Line("m")));
        fixture.Sink.MakeDurable(2);
        fixture.Reconnect();
        fixture.Feed(Hello("a"));
        Assert.Equal(["welcome 2"], fixture.Output.Take());
        fixture.Sink.MakeDurable(3);
        fixture.Reconnect();
        fixture.Feed(Hello("a"));
        Assert.Equal(["welcome 3"], fixture.Output.Take());
    }

    [Fact]
    public void Hello_memory_acksWhenApplied()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.IsInstant = false;
        fixture.Feed(Batch(1, Line("m")), Hello("a", null, AckMode.Memory), Batch(2, Line("m")), Flush(9));
        fixture.Sink.MakeDurable(2);
        Assert.Equal(["welcome 0"], fixture.Output.Take());
        fixture.Sink.MakeApplied(1);
        Assert.Equal(["ack 1"], fixture.Output.Take());
        fixture.Sink.MakeApplied(2);
        Assert.Equal(["ack 2", "ack 9"], fixture.Output.Take());
    }
}
