namespace DataLayer.Client.Http;

/// <summary>Series and their samples.</summary>
/// <param name="IsTruncated">There was more than the limit: narrow the query or raise the limit.</param>
public sealed record QueryResult(IReadOnlyList<SeriesResult> Series, bool IsTruncated);
