using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace DataLayer.Engines.Redis;

/// <summary>TLS as the options say: whom to trust, and who we are. A certificate must be in date, of a trusted authority, and for the host name (or the connection string's <c>sslHost</c>).</summary>
internal static class RedisTls
{
    /// <summary>Throws <see cref="EngineException"/> where a file cannot be read.</summary>
    public static void Apply(EngineOptions options, ConfigurationOptions configuration)
    {
        if (options.TlsCa is null && options.TlsCertificate is null) return;
        configuration.Ssl = true;
        try
        {
            if (options.TlsCa is { } authority)
            {
                var trusted = new X509Certificate2Collection();
                trusted.ImportFromPemFile(authority);
                configuration.CertificateValidation += (_, certificate, chain, errors) => IsTrusted(trusted, certificate, chain, errors);
            }

            if (options.TlsCertificate is { } path)
            {
                // A certificate from PEM has a key that not every TLS library takes: through PKCS#12 it becomes one of the usual kind.
                using var pem = X509Certificate2.CreateFromPemFile(path, options.TlsKey);
                var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
                configuration.CertificateSelection += (_, _, _, _, _) => certificate;
            }
        }
        catch (Exception exception) when (exception is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new EngineException($"engine \"{options.Name}\" (redis): a file of TlsCa, TlsCertificate or TlsKey cannot be read: {exception.GetType().Name}; name PEM files that the daemon may read", isTransient: false);
        }
    }

    private static bool IsTrusted(X509Certificate2Collection trusted, X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        if (sent is not null) chain.ChainPolicy.ExtraStore.AddRange(sent.ChainElements.Select(element => element.Certificate).ToArray());
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(leaf);
    }
}
