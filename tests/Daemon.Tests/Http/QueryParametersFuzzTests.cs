using DataLayer.Daemon.Http;
using DataLayer.Fuzzing;
using DataLayer.Query;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace DataLayer.Daemon.Tests.Http;

/// <summary>Query strings that are nearly right become a query within its limits or a bad request. See <see cref="Fuzz"/> for the long form.</summary>
public sealed class QueryParametersFuzzTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Samples_nearlyRight_isAQueryOrABadRequest() => Fuzz.Run(30_000, random =>
        "?" + Mutation.Of(random, "name=cpu&label.host=a%20b&start=-1h&end=2026-03-01T12:00:00Z&limit=100&step=1m&agg=avg&format=csv"), (text, _) => Fuzz.Bounded(1 << 20, () =>
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(text);
        Fuzz.Succeeds(() =>
        {
            var query = QueryParameters.Samples(context.Request.Query, Now);
            Assert.True(query.EndMicros >= query.StartMicros);
            Assert.InRange(query.Limit, 1, 10_000_000);
            Assert.True(query.StepMicros is null or > 0);
            Assert.All(query.Labels, label => Assert.NotEmpty(label.Key));
            QueryParameters.Format(context.Request);
            QueryParameters.Latest(context.Request.Query);
            QueryParameters.Series(context.Request.Query);
        }, fault => fault is QueryException { Kind: QueryErrorKind.BadRequest });
    }));
}
