using System.Text.Json;

namespace DataLayer.LoadTest;

/// <summary>What the daemon says of itself at one moment: <c>GET /api/v1/status</c>.</summary>
internal sealed record DaemonStatus(
    long Received, long Stored, long Rejected, long Dropped, long InFlight, long Held, long Unaccounted, long DuplicateBatches, long ResidentBytes, UdpStatus? Udp)
{
    /// <summary>Files that the lake has deleted for their age or for room.</summary>
    public long FilesExpired { get; init; }

    /// <summary>Times that the lake has merged files.</summary>
    public long Merges { get; init; }

    /// <summary>What was rejected and dropped, by reason; those with a count.</summary>
    public string Refusals { get; init; } = "";

    /// <summary>received = stored + rejected + dropped + in flight + held by sessions, and nothing lost between the stages.</summary>
    public bool Adds => Received == Stored + Rejected + Dropped + InFlight + Held && Unaccounted == 0;

    public bool IsIdle => InFlight == 0 && Held == 0;

    public static DaemonStatus Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var balance = root.GetProperty("conservation");
        UdpStatus? udp = null;
        if (root.TryGetProperty("udp", out var counts))
        {
            udp = new UdpStatus(counts.GetProperty("datagrams").GetInt64(), counts.GetProperty("kernelDrops").GetInt64(), counts.GetProperty("missing").GetInt64());
        }

        return new DaemonStatus(
            balance.GetProperty("received").GetInt64(),
            balance.GetProperty("stored").GetInt64(),
            Sum(balance.GetProperty("rejected")),
            Sum(balance.GetProperty("dropped")),
            balance.GetProperty("inFlight").GetInt64(),
            Optional(balance, "held"),
            Optional(balance, "unaccounted"),
            root.TryGetProperty("ingest", out var ingest) ? Optional(ingest, "duplicateBatches") : 0,
            Optional(root, "residentBytes"),
            udp)
        {
            Refusals = string.Join(", ", ReasonsOf(balance.GetProperty("rejected")).Concat(ReasonsOf(balance.GetProperty("dropped")))),
            FilesExpired = OfEngines(root, "filesExpired"),
            Merges = OfEngines(root, "merges"),
        };
    }

    private static long OfEngines(JsonElement root, string name) => root.TryGetProperty("engines", out var engines) ? engines.EnumerateArray().Sum(engine => Optional(engine, name)) : 0;

    private static long Optional(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt64() : 0;

    private static IEnumerable<string> ReasonsOf(JsonElement counts) => counts.ValueKind == JsonValueKind.Number
        ? []
        : counts.EnumerateObject().Where(count => count.Value.GetInt64() > 0).Select(count => $"{count.Name} {count.Value.GetInt64()}");

    private static long Sum(JsonElement counts) => counts.ValueKind == JsonValueKind.Number
        ? counts.GetInt64()
        : counts.EnumerateObject().Sum(count => count.Value.GetInt64());
}
