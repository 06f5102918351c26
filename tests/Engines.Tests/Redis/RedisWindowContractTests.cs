namespace DataLayer.Engines.Tests.Redis;

/// <summary>Latest values and windows that hold all that the contract writes.</summary>
public sealed class RedisWindowContractTests(RedisFixture fixture) : RedisContract(fixture, ["latest", "raw"]);
