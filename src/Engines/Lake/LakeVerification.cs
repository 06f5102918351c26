namespace DataLayer.Engines.Lake;

/// <summary>What the check of a lake found.</summary>
/// <param name="Position">The LSN up to which the lake holds every record.</param>
/// <param name="Problems">One line each: which file, and what is wrong with it. Empty: sound.</param>
public sealed record LakeVerification(long Position, int Files, long Rows, IReadOnlyList<string> Problems);
