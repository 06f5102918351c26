using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DataLayer.Engines.ClickHouse;

/// <summary>TLS as <see cref="EngineOptions"/> says: whom to trust, and what to show. The server's name is always verified.</summary>
internal static class ClickHouseTls
{
    /// <summary>Throws <see cref="EngineException"/> when a file cannot be read.</summary>
    public static SslClientAuthenticationOptions Of(EngineOptions options)
    {
        var tls = new SslClientAuthenticationOptions();
        if (options.TlsCa is { } file)
        {
            var trusted = Read(options.Name, file, () =>
            {
                var certificates = new X509Certificate2Collection();
                certificates.ImportFromPemFile(file);
                return certificates.Count > 0 ? certificates : throw new CryptographicException("it holds no certificate");
            });
            tls.RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors, trusted);
        }

        if (options.TlsCertificate is { } own)
        {
            tls.ClientCertificates = [Read(options.Name, own, () => X509Certificate2.CreateFromPemFile(own, options.TlsKey))];
        }

        return tls;
    }

    private static bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors, X509Certificate2Collection trusted)
    {
        // The chain alone is judged anew: the system does not know these roots.
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var server = new X509Certificate2(certificate);
        return chain.Build(server);
    }

    private static T Read<T>(string engine, string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"Engine {engine} (clickhouse): cannot read {file}: {fault.Message}", isTransient: false, fault);
        }
    }
}
