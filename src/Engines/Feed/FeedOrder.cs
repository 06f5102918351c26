namespace DataLayer.Engines.Feed;

/// <summary>What a person orders of a feeder, and how it is told that it is done.</summary>
internal sealed record FeedOrder(Func<CancellationToken, Task> Run, TaskCompletionSource Done);
