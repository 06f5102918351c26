namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>An event as it was published; the document in hexadecimal digits.</summary>
internal sealed record PublishedEvent(string Id, string Type, string Source, long TimeMicros, string Document);
