using DataLayer.Ingest;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>
/// The embedded default engine: sorted Parquet files in partitions by hour, a manifest that says which of them count, rollups of a minute and an hour.
/// One thread at a time writes; maintenance and any number of snapshots run beside it.
/// </summary>
public sealed class LakeEngine : IEngine, IEventReader
{
    /// <summary>Each writes some 25 M samples/s and makes a file of its own.</summary>
    private const int UrgentThreadsMax = 4;

    private readonly LakeContext _context;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private volatile EngineHealth _health = EngineHealth.Healthy;
    private long _samples;
    private long _lateSamples;
    private long _flushes;
    private long _events;

    public LakeEngine(LakeOptions options, ISeriesCatalog catalog, TimeProvider time)
        : this(options, catalog, time, new LakeStorage())
    {
    }

    internal LakeEngine(LakeOptions options, ISeriesCatalog catalog, TimeProvider time, LakeStorage storage)
    {
        _context = new LakeContext(options, catalog, storage);
        Time = time;
    }

    public string Name => "lake";

    public EngineCapabilities Capabilities => EngineCapabilities.Raw | EngineCapabilities.Rollups | EngineCapabilities.Reads | EngineCapabilities.Quality | EngineCapabilities.StableReads;

    public long Position => _context.State.Current.Position;

    public EngineHealth Health => _health;

    public string Directory => _context.Options.Directory;

    /// <summary>Samples stored since the start of the process.</summary>
    public long SamplesWritten => Interlocked.Read(ref _samples);

    /// <summary>Of those, the ones that may have replaced a stored sample.</summary>
    public long LateSamplesWritten => Interlocked.Read(ref _lateSamples);

    /// <summary>Events stored since the start of the process, an id once a flush.</summary>
    public long EventsWritten => Interlocked.Read(ref _events);

    public long Flushes => Interlocked.Read(ref _flushes);

    /// <summary>Files that the manifest lists now, and their bytes.</summary>
    public int FileCount => _context.State.Current.Files.Length;

    public long FileBytes => _context.State.Current.Files.Sum(file => file.Bytes);

    /// <summary>Bytes of decoded columns that are kept for queries, and how often one was there, or not, when it was asked for.</summary>
    public long CacheBytes => _context.Columns.Bytes;

    public long CacheHits => _context.Columns.Hits;

    public long CacheMisses => _context.Columns.Misses;

    /// <summary>Files left by a crash that the last open deleted.</summary>
    public int OrphansDeleted { get; private set; }

    /// <summary>Damaged files that were moved aside and are still there. Looks for each of them on disk.</summary>
    public IReadOnlyList<string> Quarantined => _context.Quarantine.Paths;

    /// <summary>Degraded while damaged files lie aside.</summary>
    public EngineHealth QuarantineHealth => Quarantined is { Count: > 0 } aside
        ? new EngineHealth(EngineState.Degraded, $"{aside.Count} damaged files of the lake were moved aside and are not in answers: {string.Join(", ", aside.Take(3))}; keep them elsewhere or delete them, when you have seen to it")
        : EngineHealth.Healthy;

    internal LakeContext Context => _context;

    internal TimeProvider Time { get; }

    public ValueTask OpenAsync(CancellationToken cancellation)
    {
        try
        {
            _context.State.Open();
            var missing = _context.State.Current.Files.FirstOrDefault(file => !File.Exists(file.Path));
            if (missing is not null)
            {
                throw new EngineException(
                    $"the lake's manifest names {missing.Path}, which is not there. Restore it from a backup, or run 'datalayer verify' to see all that is missing.",
                    isTransient: false);
            }

            _context.Quarantine.Open();
            OrphansDeleted = LakeOrphans.Delete(Directory, _context.State.Current, _context.Storage);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"cannot open the lake {Directory}: {error.Message}", isTransient: true, error);
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask WriteAsync(ISampleSource batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await _writing.WaitAsync(cancellation);
        try
        {
            if (batch.EndLsn <= Position) return;
            if (batch.AfterLsn > Position)
            {
                throw new EngineException($"the batch begins after LSN {batch.AfterLsn}, the lake stands at {Position}: records between are missing", isTransient: false);
            }

            await WriteQuietlyAsync(batch, cancellation);
            _health = EngineHealth.Healthy;
        }
        catch (DamagedFileException error)
        {
            // The batch is tried again, without the file.
            _context.Quarantine.Take(error.File);
            _health = new EngineHealth(EngineState.Degraded, error.Message);
            throw;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ParquetException)
        {
            _health = new EngineHealth(EngineState.Degraded, $"the lake {Directory} cannot be written: {error.Message}");
            throw new EngineException(_health.Detail, isTransient: true, error);
        }
        finally
        {
            _writing.Release();
        }
    }

    // Urgent: at normal priority and on every core, so that a store that fills faster than one thread empties it does not have to wait beside an idle core.
    private Task WriteQuietlyAsync(ISampleSource batch, CancellationToken cancellation)
    {
        var isUrgent = batch.SampleCount > _context.Options.UrgentSamples;
        return QuietThread.RunAsync("lake flush", isUrgent, () => Write(batch, isUrgent ? Math.Min(Environment.ProcessorCount, UrgentThreadsMax) : 1, cancellation));
    }

    private void Write(ISampleSource batch, int threads, CancellationToken cancellation)
    {
        // Pinned, so that the files it reads to rewrite rollups stay.
        var before = _context.State.Pin();
        try
        {
            using var flush = new LakeFlush(_context, before, batch, cancellation);
            flush.Run(threads);
            Interlocked.Add(ref _samples, flush.Samples);
            Interlocked.Add(ref _lateSamples, flush.LateSamples);
            Interlocked.Add(ref _events, flush.Events);
            Interlocked.Increment(ref _flushes);
        }
        finally
        {
            _context.State.Unpin(before);
        }
    }

    /// <summary>By series number, up to which time (Unix microseconds) the lake may hold its samples; long.MinValue: none. Reads for up to two seconds.</summary>
    public long[] ReadLastTimes()
    {
        var manifest = _context.State.Pin();
        try
        {
            return LastTimes.Read(manifest);
        }
        finally
        {
            _context.State.Unpin(manifest);
        }
    }

    /// <summary>A consistent view; see <see cref="LakeSnapshot"/> for what SQL needs.</summary>
    public LakeSnapshot Snapshot() => new(_context);

    IEngineSnapshot IEngine.Snapshot() => Snapshot();

    /// <summary>What the lake holds; what is still hot is not.</summary>
    public Task<IReadOnlyList<FoundEvent>> QueryEventsAsync(EventQuery query, CancellationToken cancellation) => Task.Run(() =>
    {
        using var snapshot = Snapshot();
        return snapshot.ReadEvents(query, _ => false, cancellation);
    }, cancellation);

    public async ValueTask DisposeAsync()
    {
        // Waits for a write that is under way: it ends as a whole or not at all.
        await _writing.WaitAsync();
        _writing.Dispose();
    }
}
