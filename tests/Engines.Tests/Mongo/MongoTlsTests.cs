using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataLayer.Engines.Mongo;
using DataLayer.Servers;

namespace DataLayer.Engines.Tests.Mongo;

/// <summary>TLS in front of the server, which has none itself: the engine trusts the certificates of its file alone.</summary>
[Collection(nameof(MongoCollection))]
public sealed class MongoTlsTests(MongoFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenAsync_trusts_the_certificates_of_the_file_alone()
    {
        using var folder = new TemporaryFolder();
        using var server = SelfSigned("localhost");
        using var stranger = SelfSigned("localhost");
        await using var forwarder = new CuttingProxy(fixture.Server.Port, server);
        forwarder.Start();
        await using (var engine = Create(forwarder.Port, Save(folder, "server.pem", server), "localhost"))
        {
            await engine.OpenAsync(Cancellation);
            Assert.Equal(0, engine.Position);
        }

        await using var misled = Create(forwarder.Port, Save(folder, "stranger.pem", stranger), "localhost");
        Assert.True((await Assert.ThrowsAsync<EngineException>(() => misled.OpenAsync(Cancellation).AsTask())).IsTransient);

        // The name must fit, too.
        await using var misnamed = Create(forwarder.Port, Save(folder, "server.pem", server), "127.0.0.1");
        await Assert.ThrowsAsync<EngineException>(() => misnamed.OpenAsync(Cancellation).AsTask());
    }

    private static MongoEngine Create(int port, string ca, string host) => new(
        new EngineOptions
        {
            Name = "mongo",
            Kind = "mongo",
            ConnectionString = $"mongodb://{host}:{port}/?directConnection=true",
            Timeout = TimeSpan.FromSeconds(3),
            TlsCa = ca,
            Settings = new Dictionary<string, string> { ["Database"] = MongoFixture.NewDatabase() },
        },
        MongoFixture.Context(new MemoryCatalog(1)));

    private static string Save(TemporaryFolder folder, string name, X509Certificate2 certificate)
    {
        var file = Path.Combine(folder.Path, name);
        File.WriteAllText(file, certificate.ExportCertificatePem());
        return file;
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
