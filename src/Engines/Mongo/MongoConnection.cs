using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Compression;
using MongoDB.Driver.Core.Configuration;
using MongoDB.Driver.Core.Events;

namespace DataLayer.Engines.Mongo;

/// <summary>The driver's client as the options want it: pool, time limits, credentials, TLS, compression, journaled writes. Owned by the engine.</summary>
internal sealed class MongoConnection : IDisposable
{
    private readonly MongoClient _client;
    private int _inUse;

    public MongoConnection(EngineOptions options, MongoSettings settings)
    {
        var driver = ParseConnectionString(options);
        Where = $"MongoDB at {string.Join(", ", driver.Servers.Select(server => $"{server.Host}:{server.Port}"))}, database {settings.Database},";
        Errors = new MongoErrors(Where, options.Password ?? new MongoUrl(options.ConnectionString).Password);
        MaxPoolSize = options.PoolSize;
        driver.ApplicationName = "datalayer";
        driver.MaxConnectionPoolSize = options.PoolSize;
        driver.ServerSelectionTimeout = driver.SocketTimeout = driver.WaitQueueTimeout = options.Timeout;
        driver.ConnectTimeout = Min(options.Timeout, TimeSpan.FromSeconds(10));

        // A write is acknowledged when it is in the journal on disk, on a majority of a replica set: without j a killed server forgets up to 100 ms of writes that it had acknowledged,
        // and the position must never be durable before the samples.
        driver.WriteConcern = new WriteConcern(WriteConcern.WMajority.W, journal: true);
        driver.ReadPreference = ReadPreference.Primary;
        if (options.Username is { } user) driver.Credential = MongoCredential.CreateCredential(new MongoUrl(options.ConnectionString).AuthenticationSource ?? "admin", user, options.Password ?? "");
        if (options.TlsCa is not null || options.TlsCertificate is not null) UseTls(driver, options);
        if (options.Compression && driver.Compressors.Count == 0) driver.Compressors = [new CompressorConfiguration(CompressorType.ZStandard), new CompressorConfiguration(CompressorType.Snappy)];
        driver.ClusterConfigurator = cluster => cluster
            .Subscribe<ConnectionPoolCheckedOutConnectionEvent>(_ => Interlocked.Increment(ref _inUse))
            .Subscribe<ConnectionPoolCheckedInConnectionEvent>(_ => Interlocked.Decrement(ref _inUse));
        _client = new MongoClient(driver);
        Database = _client.GetDatabase(settings.Database);
    }

    /// <summary>Server and database in words, for messages; without user and password.</summary>
    public string Where { get; }

    public MongoErrors Errors { get; }

    public IMongoDatabase Database { get; }

    public int InUse => Volatile.Read(ref _inUse);

    public int MaxPoolSize { get; }

    /// <summary>A collection whose documents the engine builds itself: the driver adds no <c>_id</c>.</summary>
    public IMongoCollection<T> Collection<T>(string name) => Database.GetCollection<T>(name, new MongoCollectionSettings { AssignIdOnInsert = false });

    public IMongoCollection<BsonDocument> Collection(string name) => Collection<BsonDocument>(name);

    public void Dispose() => _client.Dispose();

    private static MongoClientSettings ParseConnectionString(EngineOptions options)
    {
        try
        {
            return MongoClientSettings.FromConnectionString(options.ConnectionString);
        }
        catch (Exception fault) when (fault is MongoException or ArgumentException or FormatException)
        {
            // Without the driver's words and without the cause: both quote the connection string.
            throw new EngineException($"The connection string of the engine {options.Name} is none of MongoDB's: it looks like mongodb://user:password@host:27017/?replicaSet=rs0.", isTransient: false);
        }
    }

    private static void UseTls(MongoClientSettings driver, EngineOptions options)
    {
        driver.UseTls = true;
        var tls = new SslSettings();
        try
        {
            if (options.TlsCertificate is { } certificate) tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, options.TlsKey)];
            if (options.TlsCa is { } file)
            {
                var trusted = new X509Certificate2Collection();
                trusted.ImportFromPemFile(file);
                tls.ServerCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors, trusted);
            }
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new EngineException($"The TLS files of the engine {options.Name} cannot be used: {fault.Message}", isTransient: false, fault);
        }

        driver.SslSettings = tls;
    }

    private static bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors, X509Certificate2Collection trusted)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(new X509Certificate2(certificate));
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
