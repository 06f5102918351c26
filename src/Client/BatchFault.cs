using DataLayer.Protocol;

namespace DataLayer.Client;

/// <summary>One kind of fault in one batch, as the daemon reported it.</summary>
/// <param name="Code">protocol.md section 5.</param>
/// <param name="Count">Messages that were refused for it; 0: the whole batch.</param>
/// <param name="First">Which message of the batch was the first, from 1; 0: the whole batch.</param>
/// <param name="Text">For people.</param>
public sealed record BatchFault(ErrorCode Code, long Count, long First, string Text)
{
    public bool IsWholeBatch => First == 0;

    /// <summary>The series limit, full storage and a stopping daemon pass: the same samples may be accepted later.</summary>
    public bool IsTransient => Code is ErrorCode.SeriesLimit or ErrorCode.StorageFull or ErrorCode.Stopping;
}
