using System.Text.Json;
using DataLayer.Cli.Terminals;

namespace DataLayer.Cli.Render;

/// <summary>The daemon's <c>/api/v1/status</c> for eyes. What this version does not know is shown as well, by its name.</summary>
internal sealed class StatusReport(JsonElement root, long timestamp)
{
    private readonly long _timestamp = timestamp;

    /// <summary>The daemon is ready, and no sample is unaccounted for.</summary>
    public bool IsGood => Flag(root, "ready") && Unaccounted == 0;

    private long Unaccounted => Number(Part(root, "conservation"), "unaccounted");

    private long Received => Number(Part(root, "conservation"), "received");

    /// <param name="last">The report before, for rates; null: none.</param>
    public void Write(Terminal terminal, Uri daemon, StatusReport? last)
    {
        WriteHead(terminal, daemon);
        if (Part(root, "conservation") is not { } balance) return;
        terminal.WriteLine("");
        WriteConservation(terminal, balance, last);
        WriteEvents(terminal);
        WriteStages(terminal, last);
        WriteQueues(terminal);
        WriteEngines(terminal);
    }

    private void WriteHead(Terminal terminal, Uri daemon)
    {
        var ready = Flag(root, "ready");
        var state = ready ? "ready" : Text(root, "notReady") ?? Text(root, "state") ?? "not ready";
        terminal.WriteLine(
            new Piece(ready ? "✓ " : "✗ ", ready ? "green" : "red"),
            new Piece(state, ready ? "green bold" : "red bold"),
            $"  datalayerd {Text(root, "version")} at {daemon.Authority}",
            new Piece($"  up {Numbers.Duration(Real(root, "uptimeSeconds") * 1e6)}, {Numbers.Bytes(Real(root, "residentBytes"))} resident, data in {Text(root, "dataDir")}", "dim"));
    }

    private void WriteConservation(Terminal terminal, JsonElement balance, StatusReport? last)
    {
        var (rejected, dropped) = (Part(balance, "rejected"), Part(balance, "dropped"));
        var isExact = Unaccounted == 0;
        terminal.WriteLine(new Piece("samples", "bold"));
        var table = new TextTable().Text("").Number("").Text("");
        table.Add("received", Numbers.Count(Received), new Piece(last is null ? "" : $"{Numbers.Human(PerSecond(Received - last.Received, last, terminal))}/s", "dim"));
        table.Add("stored", Numbers.Count(Number(balance, "stored")), "");
        table.Add("rejected", new Piece(Numbers.Count(Sum(rejected)), Sum(rejected) > 0 ? "yellow" : null), new Piece(Reasons(rejected), "dim"));
        table.Add("dropped", new Piece(Numbers.Count(Sum(dropped)), Sum(dropped) > 0 ? "yellow" : null), new Piece(Reasons(dropped), "dim"));
        table.Add("in flight", Numbers.Count(Number(balance, "inFlight") + Number(balance, "held")), "");
        table.WriteTo(terminal, hasHeader: false, indent: "  ");
        terminal.WriteLine(
            "  ",
            new Piece(isExact ? "✓ " : "✗ ", isExact ? "green" : "red"),
            isExact ? "received = stored + rejected + dropped + in flight" : $"{Numbers.Count(Unaccounted)} samples are unaccounted for: received ≠ stored + rejected + dropped + in flight");
    }

    /// <summary>One line, where there were any.</summary>
    private void WriteEvents(Terminal terminal)
    {
        if (Part(root, "events") is not { } events || Number(events, "received") == 0) return;
        var refused = Sum(Part(events, "rejected")) + Sum(Part(events, "dropped"));
        terminal.WriteLine(
            new Piece("events   ", "bold"),
            $"{Numbers.Count(Number(events, "received"))} received, {Numbers.Count(Number(events, "stored"))} stored",
            new Piece(refused == 0 ? "" : $", {Numbers.Count(refused)} refused or dropped", "yellow"));
    }

    private void WriteStages(Terminal terminal, StatusReport? last)
    {
        terminal.WriteLine("");
        terminal.WriteLine(new Piece("stages", "bold"));
        var table = new TextTable().Text("", "");
        var (ingest, log, hot, series) = (Part(root, "ingest"), Part(root, "log"), Part(root, "hotStore"), Part(root, "series"));
        var rate = last is null ? "" : $", {Numbers.Bytes(PerSecond(Number(ingest, "bytes") - Number(Part(last.Root, "ingest"), "bytes"), last, terminal))}/s";
        table.Add("ingest", $"{Connections()}, {Numbers.Bytes(Number(ingest, "bytes"))}{rate}, {Numbers.Count(Number(ingest, "batches"))} batches{Udp()}");
        table.Add("admission", Styled(Text(ingest, "admission") ?? "", "open"));
        table.Add("log", $"{Numbers.Bytes(Number(log, "bytes"))}, durable to {Numbers.Count(Number(log, "durableLsn"))}{(Text(log, "failure") is { } failure ? $", FAILED: {failure}" : "")}");
        table.Add("hot store", $"{Numbers.Count(Number(hot, "samples"))} samples in {Numbers.Bytes(Number(hot, "bytes"))}, {Number(hot, "shards")} shards, visible to {Numbers.Count(Number(log, "appliedLsn"))}");
        table.Add("series", $"{Numbers.Count(Number(series, "count"))} of {Numbers.Human(Number(series, "limit"))} allowed, from {Numbers.Count(Number(root, "agents"))} named agents");
        table.WriteTo(terminal, hasHeader: false, indent: "  ");
    }

    private JsonElement Root => root;

    private string Connections() => Number(Part(root, "connections"), "tcp") is var count && count == 1 ? "1 connection" : $"{Numbers.Count(count)} connections";

    private string Udp() => Part(root, "udp") is { } udp && Number(udp, "datagrams") > 0 ? $", {Numbers.Count(Number(udp, "datagrams"))} datagrams ({Numbers.Count(Number(udp, "kernelDrops"))} dropped by the kernel)" : "";

    private void WriteQueues(Terminal terminal)
    {
        if (!root.TryGetProperty("queues", out var queues)) return;
        terminal.WriteLine("");
        var table = new TextTable().Text("queue").Number("used", "of", "").Text("when full");
        foreach (var queue in queues.EnumerateArray())
        {
            var (depth, capacity, isBytes) = (Number(queue, "depth"), Number(queue, "capacity"), Text(queue, "unit") == "bytes");
            var share = capacity > 0 ? 100.0 * depth / capacity : 0;
            table.Add(
                Words(Text(queue, "name") ?? ""),
                isBytes ? Numbers.Bytes(depth) : Numbers.Count(depth),
                isBytes ? Numbers.Bytes(capacity) : $"{Numbers.Count(capacity)} {Text(queue, "unit")}",
                new Piece($"{share:0} %", share >= 80 ? "red" : share >= 50 ? "yellow" : "green"),
                new Piece((Text(queue, "whenFull") ?? "") + (Number(queue, "drops") is > 0 and var drops ? $" ({Numbers.Count(drops)} dropped)" : ""), "dim"));
        }

        table.WriteTo(terminal);
    }

    private void WriteEngines(Terminal terminal)
    {
        if (!root.TryGetProperty("engines", out var engines) || engines.ValueKind != JsonValueKind.Array) return;
        terminal.WriteLine("");
        var table = new TextTable().Text("engine", "state", "");
        foreach (var engine in engines.EnumerateArray())
        {
            var facts = engine.EnumerateObject().Where(p => p.Name is not ("name" or "state") && p.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String).Select(Fact);
            table.Add(new Piece(Text(engine, "name") ?? "", "bold"), Styled(Text(engine, "state") ?? "", "ready", "healthy", "ok"), string.Join(", ", facts));
        }

        table.WriteTo(terminal);
    }

    /// <summary>A property by its name, in the unit that its name ends in.</summary>
    private static string Fact(JsonProperty property)
    {
        var (name, value) = (property.Name, property.Value);
        if (value.ValueKind == JsonValueKind.String) return $"{Words(name)} {value.GetString()}";
        foreach (var (ending, show) in (ReadOnlySpan<(string, Func<double, string>)>)[("Bytes", Numbers.Bytes), ("Seconds", s => Numbers.Duration(s * 1e6)), ("Micros", Numbers.Duration)])
        {
            if (name.Equals(ending, StringComparison.OrdinalIgnoreCase)) return show(value.GetDouble());
            if (name.EndsWith(ending, StringComparison.Ordinal)) return $"{Words(name[..^ending.Length])} {show(value.GetDouble())}";
        }

        return $"{Words(name)} {(value.TryGetInt64(out var whole) ? Numbers.Count(whole) : Numbers.Short(value.GetDouble()))}";
    }

    private static Piece Styled(string state, params ReadOnlySpan<string> good) => new(Words(state), good.Contains(state) ? "green" : "yellow");

    /// <summary>hotStore and hot_store are "hot store".</summary>
    private static string Words(string name) =>
        string.Concat(name.Select((c, i) => c == '_' ? " " : char.IsUpper(c) && i > 0 ? " " + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));

    private static string Reasons(JsonElement? counts) =>
        counts is { ValueKind: JsonValueKind.Object } all ? string.Join(", ", all.EnumerateObject().Where(p => p.Value.GetInt64() > 0).Select(p => $"{Words(p.Name)} {Numbers.Count(p.Value.GetInt64())}")) : "";

    private static long Sum(JsonElement? counts) => counts is { ValueKind: JsonValueKind.Object } all ? all.EnumerateObject().Sum(p => p.Value.GetInt64()) : 0;

    private double PerSecond(long change, StatusReport last, Terminal terminal) =>
        change / Math.Max(terminal.Time.GetElapsedTime(last._timestamp, _timestamp).TotalSeconds, 0.001);

    private static JsonElement? Part(JsonElement? of, string name) => of is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out var part) ? part : null;

    private static long Number(JsonElement? of, string name) => Part(of, name) is { ValueKind: JsonValueKind.Number } n ? (n.TryGetInt64(out var whole) ? whole : (long)n.GetDouble()) : 0;

    private static double Real(JsonElement? of, string name) => Part(of, name) is { ValueKind: JsonValueKind.Number } n ? n.GetDouble() : 0;

    private static bool Flag(JsonElement? of, string name) => Part(of, name) is { ValueKind: JsonValueKind.True };

    private static string? Text(JsonElement? of, string name) => Part(of, name) is { ValueKind: JsonValueKind.String } s ? s.GetString() : null;
}
