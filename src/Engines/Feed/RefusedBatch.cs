namespace DataLayer.Engines.Feed;

/// <summary>
/// Stores a batch that the engine refuses for its content without the samples that offend: halves are stored where the engine takes them, and halved again where it does not.
/// n offending samples of N cost about 2n·log2(N) calls. Used once.
/// </summary>
internal sealed class RefusedBatch(IFedEngine engine, LogBatch batch)
{
    /// <summary>An engine that refuses so many samples of one batch one by one refuses everything, perhaps for a fault of its own: somebody must look.</summary>
    private const int OffendersMax = 1000;

    /// <summary>Where the refused samples are noted before the position moves over them.</summary>
    public List<DeadLetter> Letters { get; } = [];

    public Task StoreAsync(CancellationToken cancellation) => AddAsync(batch, cancellation);

    private async Task AddAsync(LogBatch part, CancellationToken cancellation)
    {
        if (part.SampleCount == 0) return;
        try
        {
            part.Reset();
            await engine.AddAsync(part, cancellation);
        }
        catch (RefusedSamplesException error) when (part.SampleCount == 1)
        {
            Letters.Add(LetterOf(part, error.Message));
            if (Letters.Count > OffendersMax)
            {
                throw new EngineException($"{engine.Name} refuses more than {OffendersMax} samples of one batch, last: {error.Message}. Nothing is skipped: mend the database, or leave the batch out with 'datalayer engine rewind'", isTransient: false, error);
            }
        }
        catch (RefusedSamplesException)
        {
            var (first, second) = part.Halves();
            await AddAsync(first, cancellation);
            await AddAsync(second, cancellation);
        }
    }

    private static DeadLetter LetterOf(LogBatch one, string reason)
    {
        var columns = new Ingest.Records.SeriesColumns();
        one.Reset();
        one.TryNext(columns);
        return new DeadLetter(columns.Series, columns.Times[0], columns.Values[0], columns.Qualities?[0] ?? 1f, one.EndLsn, reason);
    }
}
