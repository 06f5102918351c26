namespace DataLayer.LoadTest.Soak;

/// <summary>The daemon at one moment of a soak, and what a small agent and a query got in the second before.</summary>
internal sealed record SoakSample(double Seconds, long ResidentBytes, int Handles, int Threads, long DiskBytes, double AckP99Millis, double VisibleP99Millis);
