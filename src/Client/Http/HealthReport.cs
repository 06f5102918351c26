namespace DataLayer.Client.Http;

/// <summary>How the daemon is.</summary>
/// <param name="IsUp">It answers.</param>
/// <param name="IsReady">It takes samples and answers queries.</param>
/// <param name="Text">Its state, or why it cannot be reached.</param>
public sealed record HealthReport(bool IsUp, bool IsReady, string Text);
