namespace DataLayer.LoadTest.Queries;

/// <summary>One question as a server takes it: a GET, or a POST of a statement.</summary>
internal sealed record QueryRequest(string Path, string? Sql = null);
