using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataLayer.Servers;

namespace DataLayer.Engines.Tests.ClickHouse;

/// <summary>HTTPS: the server's own listener cannot run here, so TLS ends in a stream before its HTTP port.</summary>
public sealed class ClickHouseTlsTests(ClickHouseFixture fixture)
{
    [Fact]
    public async Task OpenAsync_https_is_trusted_by_the_authority_given_and_by_nothing_else()
    {
        var server = await fixture.ServerAsync();
        using var folder = new TemporaryFolder();
        using var right = Certificate("localhost");
        using var other = Certificate("localhost");
        using var misnamed = Certificate("elsewhere.example.org");
        await using var proxy = new CuttingProxy(server.Port, right);
        await using var misnamedProxy = new CuttingProxy(server.Port, misnamed);
        proxy.Start();
        misnamedProxy.Start();
        await OpenAsync(proxy.Port, Pem(folder, "right", right));
        foreach (var (port, authority) in new[] { (proxy.Port, Pem(folder, "other", other)), (proxy.Port, null), (misnamedProxy.Port, Pem(folder, "misnamed", misnamed)) })
        {
            var fault = await Assert.ThrowsAsync<EngineException>(() => OpenAsync(port, authority));
            Assert.True(fault.IsTransient);
            Assert.Contains("TLS failed", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task OpenAsync_authority_without_https_is_refused()
    {
        var given = ClickHouseFixture.Options("Host=localhost;Password=not-to-be-seen", "datalayer");
        var fault = await Assert.ThrowsAsync<EngineException>(() => Task.FromResult(
            ClickHouseFixture.Engine(new EngineOptions { Name = "ch", Kind = "clickhouse", ConnectionString = given.ConnectionString, Settings = given.Settings, TlsCa = "ca.pem" }, new MemoryCatalog(1))));
        Assert.Contains("Protocol=https", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-to-be-seen", fault.ToString(), StringComparison.Ordinal);
    }

    private async Task OpenAsync(int port, string? authority)
    {
        var given = ClickHouseFixture.Options($"Host=localhost;Port={port};Protocol=https", fixture.NextDatabase());
        var options = new EngineOptions { Name = "ch", Kind = "clickhouse", ConnectionString = given.ConnectionString, Settings = given.Settings, TlsCa = authority };
        await using var engine = ClickHouseFixture.Engine(options, new MemoryCatalog(8));
        await engine.OpenAsync(TestContext.Current.CancellationToken);
        var model = new EngineModel();
        await engine.WriteAsync(model.Next(new Sample(0, 5, 1), new Sample(3, 6, 2)), TestContext.Current.CancellationToken);
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, 8);
    }

    private static string Pem(TemporaryFolder folder, string name, X509Certificate2 certificate)
    {
        var file = Path.Combine(folder.Path, name + ".pem");
        File.WriteAllText(file, certificate.ExportCertificatePem());
        return file;
    }

    private static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
