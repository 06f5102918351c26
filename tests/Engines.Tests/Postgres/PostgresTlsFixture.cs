using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataLayer.Servers;

namespace DataLayer.Engines.Tests.Postgres;

/// <summary>A server with a certificate for localhost, and roles that come in by password or by certificate.</summary>
public sealed class PostgresTlsFixture : IAsyncLifetime
{
    internal const string Password = "p4ss-of-the-test";

    private readonly PostgresServer _server = new();
    private readonly TemporaryFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        using var authority = Authority("authority");
        using var other = Authority("another");
        using var server = Issue(authority, "localhost", isServer: true);
        using var client = Issue(authority, "by_certificate", isServer: false);
        await SaveAsync("ca.pem", authority.ExportCertificatePem());
        await SaveAsync("other.pem", other.ExportCertificatePem());
        await SaveAsync("client.pem", client.ExportCertificatePem());
        await SaveAsync("client.key", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        _server.Settings.Add("ssl = on");
        _server.Settings.Add($"ssl_ca_file = '{await _server.AddFileAsync("ca.pem", authority.ExportCertificatePem())}'");
        _server.Settings.Add($"ssl_cert_file = '{await _server.AddFileAsync("server.pem", server.ExportCertificatePem())}'");
        _server.Settings.Add($"ssl_key_file = '{await _server.AddFileAsync("server.key", server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())}'");
        await _server.CreateAsync();
        await new PostgresDatabase(_server.ConnectionString()).ExecuteAsync($"CREATE ROLE by_password LOGIN PASSWORD '{Password}'; CREATE ROLE by_certificate LOGIN");
        await _server.UseHbaAsync("hostssl all by_password 127.0.0.1/32 scram-sha-256", "hostssl all by_certificate 127.0.0.1/32 cert", "host all postgres 127.0.0.1/32 trust");
    }

    public int Port => _server.Port;

    /// <summary>A file of the client: ca.pem, other.pem, client.pem, client.key.</summary>
    public string Path(string name) => System.IO.Path.Combine(_folder.Path, name);

    private Task SaveAsync(string name, string text) => File.WriteAllTextAsync(Path(name), text);

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, bool isServer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        if (isServer)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }

        using var issued = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
