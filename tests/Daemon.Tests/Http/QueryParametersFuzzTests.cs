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

    [Fact]
    public void Events_nearlyRight_isAQueryOrABadRequest() => Fuzz.Run(20_000, random =>
        "?" + Mutation.Of(random, "type=deploy&source=ci&start=-1h&end=now&limit=100&near=52.5,13.4,1000&within=52,13%3B52,14%3B53,14"), (text, _) => Fuzz.Bounded(1 << 20, () =>
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(text);
        Fuzz.Succeeds(() =>
        {
            var query = EventParameters.Query(context.Request.Query, Now);
            Assert.True(query.EndMicros >= query.StartMicros);
            Assert.InRange(query.Limit, 1, 10_000_000);
            if (query.Near is { } near) Assert.True(near is { Latitude: >= -90 and <= 90, Longitude: >= -180 and <= 180, MaxMetres: >= 0 });
            if (query.Within is { } within) Assert.True(within.Count >= 3);
        }, fault => fault is QueryException { Kind: QueryErrorKind.BadRequest });
    }));
}
