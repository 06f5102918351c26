namespace DataLayer.LoadTest.Queries;

/// <summary>How long one server took for one question in one state of its data, milliseconds.</summary>
internal sealed record QueryTiming(string Question, string Server, string State, double P50Millis, double P99Millis, int Asked);
