namespace DataLayer.LoadTest.Engines;

/// <summary>What came of one engine in a run.</summary>
/// <param name="Rate">Samples a second that it took from the first second to the last one in which it was behind or the load went on.</param>
/// <param name="LagMaxSeconds">How old its newest sample was, at most.</param>
/// <param name="CaughtUpSeconds">After the end of the load.</param>
internal sealed record EngineResult(string Name, double Rate, long Written, double LagMaxSeconds, long LagMaxSamples, double CaughtUpSeconds, long Failures, long Found, long Expected);
