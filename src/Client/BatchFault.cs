using DataLayer.Protocol;

namespace DataLayer.Client;

/// <summary>One kind of fault in one batch, as the daemon reported it.</summary>
/// <param name="Code">protocol.md section 5.</param>
/// <param name="Count">Samples that were refused for it.</param>
/// <param name="Text">The first of them, for people.</param>
public sealed record BatchFault(ErrorCode Code, long Count, string Text)
{
    /// <summary>The series limit, full storage and a stopping daemon pass: the same samples may be accepted later.</summary>
    public bool IsTransient => Code is ErrorCode.SeriesLimit or ErrorCode.StorageFull or ErrorCode.Stopping;
}
