using DataLayer.Engines.Postgres;

namespace DataLayer.Engines.Tests.Postgres;

public sealed class PostgresTlsTests(PostgresTlsFixture fixture) : IClassFixture<PostgresTlsFixture>
{
    private const string Password = PostgresTlsFixture.Password;

    [Theory]
    [InlineData("Prefer", null, "127.0.0.1")]
    [InlineData("Require", null, "127.0.0.1")]
    [InlineData("VerifyCA", "ca.pem", "127.0.0.1")]
    [InlineData("VerifyFull", "ca.pem", "localhost")]
    [InlineData(null, "ca.pem", "localhost")]
    public async Task DescribeAsync_server_as_the_mode_wants_it_is_encrypted(string? mode, string? authority, string host)
    {
        await using var engine = Create("by_password", Password, mode, authority, host);
        Assert.Contains(await engine.DescribeAsync(TestContext.Current.CancellationToken), line => line.Contains("is encrypted, TLSv1.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("VerifyCA", "other.pem", "127.0.0.1")]
    [InlineData("VerifyCA", null, "127.0.0.1")]
    [InlineData("VerifyFull", "ca.pem", "127.0.0.1")]
    [InlineData("VerifyFull", "other.pem", "localhost")]
    [InlineData(null, "ca.pem", "127.0.0.1")]
    public async Task DescribeAsync_server_that_the_mode_does_not_trust_is_refused(string? mode, string? authority, string host)
    {
        await using var engine = Create("by_password", Password, mode, authority, host);
        var fault = await Assert.ThrowsAsync<EngineException>(() => engine.DescribeAsync(TestContext.Current.CancellationToken));
        Assert.Contains("certificate", fault.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Password, fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DescribeAsync_client_certificate_lets_its_role_in_and_none_does_not()
    {
        await using var engine = Create("by_certificate", null, "VerifyFull", "ca.pem", "localhost", "client.pem");
        Assert.NotEmpty(await engine.DescribeAsync(TestContext.Current.CancellationToken));
        await using var without = Create("by_certificate", null, "VerifyFull", "ca.pem", "localhost");
        var fault = await Assert.ThrowsAsync<EngineException>(() => without.DescribeAsync(TestContext.Current.CancellationToken));
        Assert.Contains("does not let 'by_certificate' in", fault.Message, StringComparison.Ordinal);
        Assert.True(fault.IsTransient);
    }

    [Fact]
    public async Task DescribeAsync_wrong_password_is_said_and_transient_and_not_shown()
    {
        await using var engine = Create("by_password", "wr0ng-one", "Require", null, "127.0.0.1");
        var fault = await Assert.ThrowsAsync<EngineException>(() => engine.DescribeAsync(TestContext.Current.CancellationToken));
        Assert.True(fault.IsTransient);
        Assert.Contains("credentials are wrong or have changed", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng-one", fault.ToString(), StringComparison.Ordinal);
    }

    private PostgresEngine Create(string user, string? password, string? mode, string? authority, string host, string? certificate = null) => new(
        new EngineOptions
        {
            Name = "pg", Kind = "postgres", Username = user, Password = password,
            ConnectionString = $"Host={host};Port={fixture.Port};Database=postgres{(mode is null ? string.Empty : $";SSL Mode={mode}")}",
            TlsCa = authority is null ? null : fixture.Path(authority),
            TlsCertificate = certificate is null ? null : fixture.Path(certificate),
            TlsKey = certificate is null ? null : fixture.Path("client.key"),
        },
        new EngineContext("s", new MemoryCatalog(1), TimeProvider.System));
}
