namespace DataLayer.Engines.Tests.Redis;

/// <summary>Latest values alone.</summary>
public sealed class RedisLatestContractTests(RedisFixture fixture) : RedisContract(fixture, ["latest"]);
