using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>What came of a session's samples so far: the answer to an HTTP request. A batch refused whole is told by its error, not counted in samples.</summary>
/// <param name="Received">Samples received.</param>
/// <param name="Accepted">Samples handed to the pipeline; those that still wait for room are not.</param>
/// <param name="Rejected">Samples rejected.</param>
/// <param name="Errors">Errors by <see cref="ErrorCode"/>, in messages or samples; the index is the code.</param>
/// <param name="FirstCode">The code of the first error; None where there was none.</param>
/// <param name="FirstError">The text of the first error, or null.</param>
public sealed record SessionSummary(long Received, long Accepted, long Rejected, IReadOnlyList<long> Errors, ErrorCode FirstCode, string? FirstError);
