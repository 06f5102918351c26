using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataLayer.Engines.Redis;
using DataLayer.Servers;

namespace DataLayer.Engines.Tests.Redis;

/// <summary>TLS with an authority of our own, and a client's certificate that the server asks for.</summary>
public sealed class RedisTlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task OpenAsync_trusted_certificate_and_our_own_writes_others_are_refused()
    {
        using var authority = Authority();
        Write("ca", authority);
        Issue("server", authority, IPAddress.Loopback);
        Issue("client", authority, null);
        using var stranger = Authority();
        Write("stranger", stranger);
        await using var server = new RedisServer("--tls-cert-file", Pem("server"), "--tls-key-file", Key("server"), "--tls-ca-cert-file", Pem("ca"), "--tls-auth-clients", "yes") { IsTls = true };
        await server.StartAsync();
        var token = TestContext.Current.CancellationToken;
        await using var engine = Engine(server, "ca", "client");
        await engine.OpenAsync(token);
        var log = new RedisLog(4);
        await log.WriteNextAsync(engine);
        await log.AssertStoredAsync(() => Engine(server, "ca", "client"));
        foreach (var (ca, client) in new[] { ("stranger", (string?)"client"), ("ca", null) })
        {
            await using var refused = Engine(server, ca, client);
            await Assert.ThrowsAsync<EngineException>(() => refused.OpenAsync(token).AsTask());
        }

        // The certificate is for 127.0.0.1, not for this name.
        await using var misnamed = Engine(server, "ca", "client", ",sslHost=other.example");
        var fault = await Assert.ThrowsAsync<EngineException>(() => misnamed.OpenAsync(token).AsTask());
        Assert.True(fault.IsTransient);
    }

    public void Dispose() => _folder.Dispose();

    private RedisEngine Engine(RedisServer server, string authority, string? client, string more = "") => new(
        new EngineOptions { Name = "cache", Kind = "redis", ConnectionString = server.Address + more, TlsCa = Pem(authority), TlsCertificate = client is null ? null : Pem(client), TlsKey = client is null ? null : Key(client), Takes = ["raw"], Settings = new Dictionary<string, string> { ["WindowAge"] = "off" } },
        new EngineContext(RedisEngines.Source, new MemoryCatalog(4), TimeProvider.System));

    private string Pem(string name) => Path.Combine(_folder.Path, name + ".pem");

    private string Key(string name) => Path.Combine(_folder.Path, name + ".key");

    private void Write(string name, X509Certificate2 certificate) => File.WriteAllText(Pem(name), certificate.ExportCertificatePem());

    private static X509Certificate2 Authority()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private void Issue(string name, X509Certificate2 authority, IPAddress? address)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (address is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(address);
            request.CertificateExtensions.Add(names.Build());
        }

        using var issued = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-23), DateTimeOffset.UtcNow.AddHours(23), RandomNumberGenerator.GetBytes(8));
        Write(name, issued);
        File.WriteAllText(Key(name), key.ExportPkcs8PrivateKeyPem());
    }
}
