namespace DataLayer.Query;

/// <summary>Why a query got no answer. HTTP maps them to 400, 404, 413, 504, 499 and 503.</summary>
public enum QueryErrorKind
{
    /// <summary>The query is wrong: the message says what and where.</summary>
    BadRequest,

    /// <summary>What the query names does not exist.</summary>
    NotFound,

    /// <summary>The query needs more memory or rows than its limits allow.</summary>
    TooMuch,

    /// <summary>The query ran longer than its time limit.</summary>
    Timeout,

    /// <summary>The caller went away or asked to stop.</summary>
    Cancelled,

    /// <summary>Not now: too many queries wait, the daemon is stopping, or an engine cannot be read.</summary>
    Unavailable,
}
