using System.Globalization;
using DataLayer.Client.Http;
using DataLayer.Client.Ingest;
using DataLayer.Protocol;

namespace DataLayer.Client;

/// <summary>
/// Stores samples in a DataLayer daemon and queries them: samples go over TCP in batches that the daemon acks when they are on its disk, queries go over HTTP.
/// Made once and kept; any thread. Connections are made when needed, and again when they break.
/// </summary>
public sealed class DataLayerClient : IAsyncDisposable
{
    private readonly DataLayerClientOptions _options;
    private readonly BatchSender _sender;
    private readonly PostBuffer _posted;

    public DataLayerClient(DataLayerClientOptions? options = null)
    {
        _options = options ?? new DataLayerClientOptions();
        _sender = new BatchSender(_options);
        _posted = new PostBuffer(_sender, _options);
        Http = new HttpApi(_options);
    }

    /// <summary>All of the daemon's HTTP interface, for what the methods here do not cover.</summary>
    public HttpApi Http { get; }

    /// <inheritdoc cref="StoreAsync(ReadOnlyMemory{MetricSample}, CancellationToken)"/>
    public Task<StoreResult> StoreAsync(IEnumerable<MetricSample> samples, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return StoreAsync((samples as MetricSample[] ?? samples.ToArray()).AsMemory(), cancellation);
    }

    /// <inheritdoc cref="StoreAsync(ReadOnlyMemory{MetricSample}, CancellationToken)"/>
    public Task<StoreResult> StoreAsync(MetricSample[] samples, CancellationToken cancellation = default) => StoreAsync(samples.AsMemory(), cancellation);

    /// <summary>
    /// Stores samples, in as many batches as it takes; completes when the daemon has acked them all. Samples that the daemon refused are in the result.
    /// </summary>
    /// <exception cref="DataLayerException">
    /// The daemon could not be reached in <see cref="DataLayerClientOptions.GiveUpAfter"/>, or refuses this client. Batches that were under way may be stored or not.
    /// The same is so when the call is cancelled. To store the same samples again is safe: one series has one value at one time.
    /// </exception>
    public async Task<StoreResult> StoreAsync(ReadOnlyMemory<MetricSample> samples, CancellationToken cancellation = default)
    {
        var batches = new List<PendingBatch>(1);
        using (var messages = new MsgPackWriter())
        {
            var now = _options.TimeProvider.GetUtcNow();
            var first = 0;
            for (var i = 0; i < samples.Length; i++)
            {
                SampleWriter.Write(messages, samples.Span[i], now);
                if (messages.LengthBytes < _options.BatchBytes && i < samples.Length - 1) continue;
                batches.Add(await _sender.EnqueueAsync(messages.WrittenMemory, i + 1 - first, cancellation).ConfigureAwait(false));
                messages.Clear();
                first = i + 1;
            }
        }

        var result = new StoreResult(0, 0, []);
        foreach (var batch in batches) result = Results.Add(result, await batch.Completion.WaitAsync(cancellation).ConfigureAwait(false));
        return result;
    }

    /// <summary>Stores events, in one batch; completes when the daemon has acked it. The result counts events. Throws as <see cref="StoreAsync(ReadOnlyMemory{MetricSample}, CancellationToken)"/>; to store an event with an id again is safe.</summary>
    public async Task<StoreResult> StoreEventsAsync(IReadOnlyCollection<AgentEvent> events, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (events.Count == 0) return new StoreResult(0, 0, []);
        using var messages = new MsgPackWriter();
        var now = _options.TimeProvider.GetUtcNow();
        foreach (var one in events) EventWriter.Write(messages, one, now);
        var batch = await _sender.EnqueueAsync(messages.WrittenMemory, events.Count, cancellation).ConfigureAwait(false);
        return await batch.Completion.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Hands over one sample and returns at once: it is sent with others within <see cref="DataLayerClientOptions.BatchInterval"/>. Waits only
    /// when as many batches as allowed are on their way. What became of it, <see cref="FlushAsync"/> says.
    /// </summary>
    public ValueTask PostAsync(MetricSample sample, CancellationToken cancellation = default) => _posted.AddAsync(sample, cancellation);

    /// <summary>Sends what was posted and waits until the daemon has acked it all. The result covers what was posted since the last flush.</summary>
    public Task<StoreResult> FlushAsync(CancellationToken cancellation = default) => _posted.FlushAsync(cancellation);

    /// <summary>The samples of the series that match, start ≤ time &lt; end: raw, or one for each <paramref name="step"/>, made by <paramref name="agg"/>.</summary>
    /// <param name="labels">Labels that must have these values. Null: any.</param>
    /// <param name="agg">avg (default), sum, min, max, count, first, last, rate, or a percentile: p50, p99, p999.</param>
    public Task<QueryResult> QueryAsync(
        string name,
        DateTimeOffset start,
        DateTimeOffset end,
        IReadOnlyDictionary<string, string>? labels = null,
        TimeSpan? step = null,
        string? agg = null,
        int? limit = null,
        CancellationToken cancellation = default) => Http.SamplesAsync(
            new SamplesRequest
            {
                Name = name,
                Labels = labels ?? (IReadOnlyCollection<KeyValuePair<string, string>>)[],
                Start = Seconds(start),
                End = Seconds(end),
                Step = step?.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture),
                Aggregation = agg,
                Limit = limit,
            },
            cancellation);

    /// <summary>The last sample of each series that matches.</summary>
    public Task<QueryResult> LatestAsync(string name, IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellation = default) =>
        Http.LatestAsync(new SamplesRequest { Name = name, Labels = labels ?? (IReadOnlyCollection<KeyValuePair<string, string>>)[] }, cancellation);

    /// <summary>Whether the daemon is up and ready. Throws only when cancelled.</summary>
    public Task<HealthReport> GetHealthAsync(CancellationToken cancellation = default) => Http.HealthAsync(cancellation);

    /// <summary>Sends what was posted, waits for its acks within <see cref="DataLayerClientOptions.GiveUpAfter"/>, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _posted.FlushAsync(CancellationToken.None).WaitAsync(_options.GiveUpAfter, _options.TimeProvider).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DataLayerException or TimeoutException or ObjectDisposedException)
        {
            // Who needs to know flushes before closing.
        }

        await _sender.DisposeAsync().ConfigureAwait(false);
        await _posted.DisposeAsync().ConfigureAwait(false);
        Http.Dispose();
    }

    private static string Seconds(DateTimeOffset time)
    {
        var seconds = SampleWriter.UnixMicros(time) / 1_000_000m;
        return seconds.ToString("0.######", CultureInfo.InvariantCulture);
    }
}
