using DataLayer.Engines;
using DataLayer.Engines.Feed;
using DataLayer.Ingest.Series;

namespace DataLayer.Daemon.Hosting;

/// <summary>What <c>datalayerd validate</c> does with each engine: connects and says what the engine found and would create. Changes nothing.</summary>
internal static class EngineCheck
{
    /// <summary>False when one of them cannot be used.</summary>
    public static async Task<bool> RunAsync(IReadOnlyList<EngineSpec> specs, TextWriter output, TextWriter errors)
    {
        var isGood = true;
        foreach (var spec in specs)
        {
            try
            {
                using var patience = new CancellationTokenSource(spec.Engine.Timeout);
                await using var engine = EngineKinds.Create(spec.Engine, new EngineContext(Guid.Empty.ToString(), new NoSeries(), TimeProvider.System));
                foreach (var line in await engine.DescribeAsync(patience.Token)) await output.WriteLineAsync($"{spec.Engine.Name}: {line}");
            }
            catch (EngineException error)
            {
                isGood = false;
                await errors.WriteLineAsync($"datalayerd: {spec.Engine.Name}: {error.Message}");
            }
            catch (OperationCanceledException)
            {
                isGood = false;
                await errors.WriteLineAsync($"datalayerd: {spec.Engine.Name}: no answer within {spec.Engine.Timeout.TotalSeconds:0.#} s");
            }
        }

        return isGood;
    }

    private sealed class NoSeries : ISeriesCatalog
    {
        public int Count => 0;

        public ReadOnlySpan<byte> KeyOf(int series) => throw new ArgumentOutOfRangeException(nameof(series));

        public int MetricOf(int series) => throw new ArgumentOutOfRangeException(nameof(series));

        public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => [];
    }
}
