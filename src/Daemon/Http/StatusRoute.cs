using System.Text.Json;
using DataLayer.Daemon.Hosting;
using DataLayer.Daemon.Options;
using DataLayer.Daemon.Tcp;
using DataLayer.Engines;
using DataLayer.Ingest.Sessions;

namespace DataLayer.Daemon.Http;

/// <summary><c>GET /api/v1/status</c>: all stages, queues, budgets and the conservation law in one JSON object, for people, the CLI and load tests.</summary>
internal sealed class StatusRoute(DaemonNode node, DaemonOptions options, ConnectionTable connections, TailRoute tails)
{
    public Task HandleAsync(HttpContext context) => JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, Write);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteString("version", DaemonVersion.Text);
        json.WriteString("state", SnakeCase.Of(node.State));
        json.WriteBoolean("ready", node.NotReady is null);
        if (node.NotReady is { } why) json.WriteString("notReady", why);
        json.WriteNumber("uptimeSeconds", Math.Round(node.Uptime.TotalSeconds, 3));
        json.WriteNumber("pid", Environment.ProcessId);
        json.WriteString("dataDir", node.Folder.Path);
        json.WriteNumber("residentBytes", Environment.WorkingSet);
        if (!node.Ready.IsCompletedSuccessfully) return;
        WriteConservation(json);
        WriteEvents(json);
        WriteIngest(json);
        WriteQueues(json);
        WriteLog(json);
        WriteHot(json);
        WriteSeries(json);
        WriteConnections(json);
        WriteEngines(json);
        WriteRecovery(json);
    }

    private void WriteConservation(Utf8JsonWriter json)
    {
        var balance = Conservation.Of(node);
        json.WriteStartObject("conservation");
        json.WriteNumber("received", balance.Received);
        json.WriteNumber("stored", balance.Stored);
        WriteReasons<RejectReason>(json, "rejected", balance.Sessions.Rejected);
        WriteReasons<DropReason>(json, "dropped", balance.Sessions.Dropped);
        json.WriteNumber("inFlight", balance.InFlight);
        json.WriteNumber("held", balance.Held);
        json.WriteNumber("unaccounted", balance.Unaccounted);
        json.WriteEndObject();
    }

    /// <summary>Events by the same law; those that sessions hold or that are in flight are the difference.</summary>
    private void WriteEvents(Utf8JsonWriter json)
    {
        var stored = node.Pipeline.StoredEvents;
        var total = node.Sessions.Total();
        json.WriteStartObject("events");
        json.WriteNumber("received", total.EventsReceived);
        json.WriteNumber("stored", stored);
        WriteReasons<RejectReason>(json, "rejected", total.EventsRejected);
        WriteReasons<DropReason>(json, "dropped", total.EventsDropped);
        json.WriteNumber("inFlight", Math.Max(0, total.EventsReceived - total.EventsRejectedTotal - total.EventsDroppedTotal - stored));
        json.WriteNumber("hot", node.Pipeline.HotEvents.Events);
        json.WriteNumber("written", node.Lake.EventsWritten);
        json.WriteEndObject();
    }

    private void WriteIngest(Utf8JsonWriter json)
    {
        var total = node.Sessions.Total();
        json.WriteStartObject("ingest");
        json.WriteString("admission", SnakeCase.Of(node.Pipeline.Admission));
        json.WriteNumber("bytes", total.Bytes);
        WriteReasons<MessageKind>(json, "messages", total.Messages);
        json.WriteNumber("batches", total.Batches);
        json.WriteNumber("duplicateBatches", total.DuplicateBatches);
        json.WriteNumber("batchGaps", total.BatchGaps);
        WriteReasons<RejectReason>(json, "batchesRejected", total.BatchesRejected);
        json.WriteNumber("faults", total.Faults);
        json.WriteNumber("skippedFields", total.SkippedFields);
        json.WriteEndObject();
    }

    private void WriteQueues(Utf8JsonWriter json)
    {
        var pipeline = node.Pipeline;
        var (depth, capacity) = pipeline.RingFill;
        json.WriteStartArray("queues");
        WriteQueue(json, "ring", "records", depth, capacity, "tcp and http wait, udp drops");
        WriteQueue(json, "in_flight", "bytes", pipeline.InFlightBytes, options.Hot.InFlightBytes, "tcp and http wait, udp drops");
        WriteQueue(json, "hot_store", "bytes", pipeline.HotBytes, options.Hot.MaxBytes, "wait, then refuse with error 7");
        WriteQueue(json, "log", "bytes", pipeline.LogBytes, options.Log.MaxBytes, "refuse with error 7");
        WriteQueue(json, "schemas", "bytes", node.Sessions.SchemaBytes.Used, node.Sessions.SchemaBytes.Limit, "refuse with error 2");
        WriteQueue(json, "unfinished_messages", "bytes", node.Sessions.GatheredBytes.Used, node.Sessions.GatheredBytes.Limit, "refuse with error 7");
        WriteQueue(json, "tails", "readers", tails.Open, options.Web.MaxTails, "503", tails.Dropped);
        json.WriteEndArray();
    }

    private static void WriteQueue(Utf8JsonWriter json, string name, string unit, long depth, long capacity, string whenFull, long? drops = null)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("unit", unit);
        json.WriteNumber("depth", depth);
        json.WriteNumber("capacity", capacity);
        json.WriteString("whenFull", whenFull);
        if (drops is { } count) json.WriteNumber("drops", count);
        json.WriteEndObject();
    }

    private void WriteLog(Utf8JsonWriter json)
    {
        var pipeline = node.Pipeline;
        json.WriteStartObject("log");
        json.WriteNumber("durableLsn", pipeline.DurableLsn);
        json.WriteNumber("appliedLsn", pipeline.AppliedLsn);
        json.WriteNumber("oldestLsn", node.Store.Log!.OldestLsn);
        json.WriteNumber("segments", node.Store.Log!.SegmentCount);
        json.WriteNumber("bytes", pipeline.LogBytes);
        json.WriteNumber("spareBytes", node.Store.Log!.SpareBytes);
        json.WriteNumber("definitionsBytes", node.Store.Log!.DefinitionsBytes);
        json.WriteNumber("maxBytes", options.Log.MaxBytes);
        json.WriteNumber("failures", pipeline.LogFailures);
        if (pipeline.LogFailure is { } failure) json.WriteString("failure", failure);
        json.WriteEndObject();
    }

    private void WriteHot(Utf8JsonWriter json)
    {
        json.WriteStartObject("hotStore");
        json.WriteNumber("samples", node.Pipeline.HotSamples);
        json.WriteNumber("bytes", node.Pipeline.HotBytes);
        json.WriteNumber("maxBytes", options.Hot.MaxBytes);
        json.WriteNumber("shards", node.Pipeline.ShardCount);
        json.WriteEndObject();
    }

    private void WriteSeries(Utf8JsonWriter json)
    {
        json.WriteStartObject("series");
        json.WriteNumber("count", node.Pipeline.Registry.Count);
        json.WriteNumber("limit", options.Limits.Series);
        json.WriteNumber("bytes", node.Pipeline.Registry.Bytes);
        json.WriteEndObject();
        json.WriteNumber("agents", node.Sessions.Agents.Count);
    }

    private void WriteConnections(Utf8JsonWriter json)
    {
        json.WriteStartObject("connections");
        json.WriteNumber("tcp", connections.Count);
        json.WriteNumber("limit", connections.Limit);
        json.WriteNumber("accepted", connections.Accepted);
        json.WriteNumber("refused", connections.Refused);
        json.WriteNumber("givenUp", connections.GivenUp);
        json.WriteEndObject();
        if (node.Udp is not { } udp) return;
        json.WriteStartObject("udp");
        json.WriteNumber("datagrams", udp.Datagrams);
        json.WriteNumber("receives", udp.Receives);
        json.WriteNumber("kernelDrops", udp.KernelDrops);
        json.WriteNumber("errors", udp.Errors);
        json.WriteNumber("receiveBufferBytes", udp.ReceiveBufferBytes);
        var total = node.Sessions.Total();
        json.WriteNumber("missing", total.DatagramsMissing);
        json.WriteNumber("duplicate", total.DatagramsDuplicate);
        json.WriteNumber("reordered", total.DatagramsReordered);
        json.WriteNumber("messagesIgnored", total.DatagramMessagesIgnored);
        json.WriteEndObject();
    }

    private void WriteEngines(Utf8JsonWriter json)
    {
        var (lake, flusher, maintenance) = (node.Lake, node.Flusher, node.Maintenance);
        var health = Worst(Worst(lake.Health, flusher.Health), Worst(maintenance.Health, lake.QuarantineHealth));
        json.WriteStartArray("engines");
        json.WriteStartObject();
        json.WriteString("name", lake.Name);
        json.WriteString("kind", "lake");
        json.WriteString("state", SnakeCase.Of(health.State));
        if (health.Detail.Length > 0) json.WriteString("detail", health.Detail);
        json.WriteNumber("position", lake.Position);
        json.WriteNumber("lag", Math.Max(0, node.Pipeline.DurableLsn - lake.Position));
        json.WriteNumber("files", lake.FileCount);
        json.WriteNumber("bytes", lake.FileBytes);
        json.WriteNumber("filesQuarantined", lake.Quarantined.Count);
        json.WriteNumber("flushes", flusher.Flushes);
        json.WriteNumber("failures", flusher.Failures + maintenance.Failures);
        json.WriteNumber("lastFlushSeconds", Math.Round(flusher.LastDuration.TotalSeconds, 3));
        json.WriteNumber("merges", maintenance.Merges);
        json.WriteNumber("filesExpired", maintenance.FilesExpired);
        json.WriteNumber("samplesWritten", lake.SamplesWritten);
        json.WriteNumber("lateSamplesWritten", lake.LateSamplesWritten);
        json.WriteEndObject();
        foreach (var (feeder, kind) in node.Feeds.All) EngineJson.Write(json, feeder, kind);
        json.WriteEndArray();
    }

    private static EngineHealth Worst(EngineHealth one, EngineHealth other) => other.State > one.State ? other : one;

    private void WriteRecovery(Utf8JsonWriter json)
    {
        var recovered = node.Store.Recovered!;
        json.WriteStartObject("recovery");
        json.WriteNumber("seconds", Math.Round(node.OpenedIn.TotalSeconds, 3));
        json.WriteNumber("records", recovered.Records);
        json.WriteNumber("samples", recovered.Samples);
        json.WriteNumber("bytes", recovered.BytesRead);
        json.WriteNumber("lastLsn", recovered.LastLsn);
        json.WriteNumber("lsnsOnlyInLake", recovered.LsnsOnlyInLake);
        json.WriteNumber("lakeOrphansDeleted", node.Lake.OrphansDeleted);
        if (recovered.Torn is { } torn) json.WriteString("torn", $"{torn.File} at byte {torn.Offset}: an unfinished commit after LSN {torn.Lsn - 1} was cut off, none of it was acked");
        json.WriteEndObject();
    }

    private static void WriteReasons<T>(Utf8JsonWriter json, string name, long[] counts)
        where T : struct, Enum
    {
        json.WriteStartObject(name);
        foreach (var reason in Enum.GetValues<T>())
        {
            var count = counts[Convert.ToInt32(reason, System.Globalization.CultureInfo.InvariantCulture)];
            if (count > 0) json.WriteNumber(SnakeCase.Of(reason), count);
        }

        json.WriteEndObject();
    }
}
