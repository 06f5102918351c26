using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Sessions;

/// <summary>A schema as declared on a connection.</summary>
/// <param name="Schema">The pipeline's; null where the series number alone are used (datagrams), or no column was accepted.</param>
/// <param name="Series">Series number per column, -1 where refused.</param>
/// <param name="Refused">Columns refused, and why; empty for nearly all schemas.</param>
/// <param name="BudgetBytes">What it has taken from the budget of schemas.</param>
internal sealed record SessionSchema(Schema? Schema, int[] Series, (int Column, RejectReason Reason)[] Refused, long BudgetBytes);
