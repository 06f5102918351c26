namespace DataLayer.Engines.Postgres;

/// <summary>The patience for each step of a call: every <see cref="Next"/> begins it anew.</summary>
internal sealed class PostgresStep : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _timeout;

    public PostgresStep(TimeSpan timeout, CancellationToken cancellation)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _timeout = timeout;
    }

    public CancellationToken Next()
    {
        _source.CancelAfter(_timeout);
        return _source.Token;
    }

    public void Dispose() => _source.Dispose();
}
