namespace DataLayer.Query;

/// <summary>A query got no answer. The message is for the person who asked: what was wrong, where, what to do.</summary>
public sealed class QueryException(QueryErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public QueryErrorKind Kind { get; } = kind;

    public static QueryException BadRequest(string message) => new(QueryErrorKind.BadRequest, message);
}
