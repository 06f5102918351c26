namespace DataLayer.LoadTest.Compare;

/// <summary>What one contender did in one round.</summary>
/// <param name="SamplesPerSecond">From the first byte to the last answer.</param>
/// <param name="VisibleSeconds">From the last answer until a query found all samples.</param>
/// <param name="ServerCpuMicros">CPU time of the server, to the end of settling, per sample.</param>
/// <param name="DiskBytes">Bytes of its data folder after settling, per sample.</param>
internal sealed record CompareResult(
    string Contender, int Round, long Samples, double SamplesPerSecond, double VisibleSeconds, double ServerCpuMicros, long PeakResidentBytes, double DiskBytes, bool IsDurable);
