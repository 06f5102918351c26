namespace DataLayer.Engines.Tests.Mongo;

[CollectionDefinition(nameof(MongoCollection))]
public sealed class MongoCollection : ICollectionFixture<MongoFixture>;
