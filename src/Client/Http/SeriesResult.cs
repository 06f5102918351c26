namespace DataLayer.Client.Http;

/// <summary>One series of an answer. Samples are in the order of their times; empty where only series were asked for.</summary>
public sealed record SeriesResult(string Name, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<SamplePoint> Samples);
