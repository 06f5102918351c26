using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>One run: opens the connections, sends, waits for the acks, checks the daemon's books.</summary>
internal sealed class LoadRun(LoadOptions options)
{
    /// <summary>All that was sent has to be acked within this time.</summary>
    private static readonly TimeSpan AckPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan IdlePatience = TimeSpan.FromSeconds(20);

    private readonly List<string> _violations = [];
    private readonly List<string> _doubts = [];
    private int _samplesPerBatch;

    public LoadReport Run()
    {
        var startMicros = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000;
        var sources = Enumerable.Range(0, options.Connections).Select(i => BatchSource.Create(options, i, startMicros)).ToArray();
        _samplesPerBatch = sources[0].SamplesPerBatch;
        var senders = sources.Select(CreateSender).ToArray();
        using var http = new DaemonHttp(options.Http);
        try
        {
            return Run(senders, http);
        }
        finally
        {
            foreach (var sender in senders) sender.Dispose();
        }
    }

    private ISender CreateSender(BatchSource source, int connection)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"loadtest-{options.Run}-{connection}");
        if (options.Dry) return new DrySender(options, source);
        return options.IsUdp ? new UdpSender(options, source, name, connection) : new TcpSender(options, source, name, connection);
    }

    private LoadReport Run(ISender[] senders, DaemonHttp http)
    {
        var before = options.Dry ? null : StatusBefore(http);
        if (!options.Dry && before is null) return Report(senders, null, null, 0, 0, null, null);
        foreach (var sender in senders)
        {
            try
            {
                sender.Open();
            }
            catch (Exception fault) when (fault is SocketException or IOException)
            {
                _doubts.Add($"{options.Ingest}: {fault.Message}");
                return Report(senders, null, null, 0, 0, null, null);
            }
        }

        var usage = options.Pid > 0 ? new ProcessUsage(options.Pid) : null;
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        using var probe = options.Visible && !options.Dry ? new VisibleProbe(options) : null;
        var start = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 20);
        SendAll(senders, probe, usage, start);
        foreach (var sender in senders)
        {
            if (!sender.WaitForAcks(AckPatience) && sender.Fault is null) _violations.Add($"Not all batches were acked within {AckPatience.TotalSeconds:0} s after the last.");
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var cpuSeconds = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
        usage?.Sample();
        _violations.AddRange(senders.Select(sender => sender.Fault).Append(probe?.Fault).OfType<string>().Distinct());
        var after = options.Dry ? null : Check(senders, http, before!);
        return Report(senders, before, after, seconds, cpuSeconds, probe, usage);
    }

    private DaemonStatus? StatusBefore(DaemonHttp http)
    {
        try
        {
            return http.Status();
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or System.Text.Json.JsonException or KeyNotFoundException)
        {
            _doubts.Add($"No status of the daemon: {fault.Message}");
            return null;
        }
    }

    private void SendAll(ISender[] senders, VisibleProbe? probe, ProcessUsage? usage, long start)
    {
        var end = start + (long)(options.Seconds * Stopwatch.Frequency);
        List<Thread> threads = [.. senders.Select(sender => new Thread(() => sender.Send(start, end)))];
        if (probe is not null) threads.Add(new Thread(() => probe.Run(start, end)));
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads)
        {
            while (!thread.Join(250)) usage?.Sample();
        }
    }

    private DaemonStatus? Check(ISender[] senders, DaemonHttp http, DaemonStatus before)
    {
        try
        {
            if (options.IsUdp) EndDatagrams();
            var after = http.StatusWhenIdle(IdlePatience);
            CheckBooks(senders, before, after);
            if (options.Verify) CheckStored(senders, http, after.Stored - before.Stored);
            return after;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            _violations.Add($"The daemon does not answer any more: {fault.Message}");
            return null;
        }
    }

    /// <summary>The kernel tells of drops with the next datagram, so there has to be one. It holds no sample.</summary>
    private void EndDatagrams()
    {
        Thread.Sleep(500);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteDatagramHeader(writer, $"loadtest-{options.Run}-end", 1);
        socket.SendTo(writer.Written, options.Ingest);
        Thread.Sleep(500);
    }

    private void CheckBooks(ISender[] senders, DaemonStatus before, DaemonStatus after)
    {
        if (!after.Adds) _violations.Add($"Received is not stored + rejected + dropped + in flight: {after}");
        else if (!after.IsIdle) _doubts.Add($"The daemon did not come to rest: {after}");
        var stored = after.Stored - before.Stored;
        var received = after.Received - before.Received;
        var sent = senders.Sum(sender => sender.SentSamples);
        var acked = senders.Sum(sender => sender.AckedSamples);
        if (stored < acked) _violations.Add(string.Create(CultureInfo.InvariantCulture, $"{acked} samples were acked, {stored} were stored."));
        if (!options.Beyond && after.Rejected > before.Rejected) _violations.Add(string.Create(CultureInfo.InvariantCulture, $"{after.Rejected - before.Rejected} good samples were rejected."));
        if (!options.IsUdp && after.Dropped > before.Dropped) _violations.Add(string.Create(CultureInfo.InvariantCulture, $"{after.Dropped - before.Dropped} samples were dropped."));
        if (!options.IsUdp && received < sent && senders.All(sender => sender.Fault is null)) _violations.Add(string.Create(CultureInfo.InvariantCulture, $"{sent} samples were sent, {received} were received."));
        var slow = options.Rate > 0 && !options.Beyond && sent < options.Rate * options.Seconds * 0.95;
        if (slow) _doubts.Add(string.Create(CultureInfo.InvariantCulture, $"{sent} samples were sent in {options.Seconds} s: less than the rate asked for."));
        if (options.IsUdp && after.Udp is { } udp && before.Udp is { } earlier) CheckDatagrams(sent, received, udp, earlier);
    }

    private void CheckDatagrams(long sentSamples, long receivedSamples, UdpStatus after, UdpStatus before)
    {
        var sent = sentSamples / _samplesPerBatch;
        var seen = after.Datagrams - before.Datagrams - 1;
        var lost = after.KernelDrops - before.KernelDrops;
        if (seen + lost != sent) _violations.Add(string.Create(CultureInfo.InvariantCulture, $"{sent} datagrams were sent, {seen} received, {lost} counted as dropped by the kernel."));
        if (!options.Visible && receivedSamples != seen * _samplesPerBatch) _violations.Add(string.Create(CultureInfo.InvariantCulture, $"{seen} datagrams of {_samplesPerBatch} samples were received, and {receivedSamples} samples of them."));
    }

    private void CheckStored(ISender[] senders, DaemonHttp http, long stored)
    {
        var name = options.Kind == LoadKind.Points ? $"name LIKE '{SeriesNames.Metric}_f%'" : $"name = '{SeriesNames.Metric}'";
        long found;
        try
        {
            found = (long)http.SqlRow($"SELECT count(*) FROM samples WHERE {name} AND labels['run'] = '{options.Run}'")[0];
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            _doubts.Add($"The query that counts what is stored failed: {fault.Message}");
            return;
        }

        var acked = senders.Sum(sender => sender.AckedSamples);
        var sent = senders.Sum(sender => sender.SentSamples);
        if (found < acked || found > sent) _violations.Add(string.Create(CultureInfo.InvariantCulture, $"A query finds {found} samples of {sent} sent and {acked} acked."));
        if (options.IsUdp && !options.Visible && found != stored) _violations.Add(string.Create(CultureInfo.InvariantCulture, $"A query finds {found} samples, the daemon says that it stored {stored}."));
    }

    private LoadReport Report(ISender[] senders, DaemonStatus? before, DaemonStatus? after, double seconds, double cpuSeconds, VisibleProbe? probe, ProcessUsage? usage)
    {
        var acks = new Latencies();
        foreach (var sender in senders) acks.Add(sender.AckLatencies);
        var known = before is not null && after is not null;
        return new LoadReport
        {
            Kind = options.Kind.ToString().ToLowerInvariant(),
            Run = options.Run,
            Series = (long)options.SeriesPerConnection * options.Connections,
            Connections = options.Connections,
            RateAskedPerSecond = options.Rate,
            Seconds = Math.Max(seconds, 1e-9),
            SentSamples = senders.Sum(sender => sender.SentSamples),
            AckedSamples = senders.Sum(sender => sender.AckedSamples),
            SentBytes = senders.Sum(sender => sender.SentBytes),
            StoredSamples = known ? after!.Stored - before!.Stored : -1,
            RejectedSamples = known ? after!.Rejected - before!.Rejected : -1,
            DroppedSamples = known ? after!.Dropped - before!.Dropped : -1,
            Udp = known && options.IsUdp && after!.Udp is { } udp && before!.Udp is { } earlier
                ? new UdpStatus(udp.Datagrams - earlier.Datagrams, udp.KernelDrops - earlier.KernelDrops, udp.Missing - earlier.Missing)
                : null,
            SenderCpuSeconds = cpuSeconds,
            DaemonCpuSeconds = usage?.CpuSeconds ?? 0,
            DaemonResidentBytes = usage?.LastResidentBytes ?? 0,
            DaemonResidentBytesMax = usage?.MaxResidentBytes ?? 0,
            SendToAck = acks.Report(),
            SendToVisible = probe?.Latencies.Report(),
            Latest = probe?.Answers.Report(),
            Violations = [.. _violations],
            Doubts = [.. _doubts],
        };
    }
}
