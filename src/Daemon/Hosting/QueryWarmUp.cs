using System.IO.Pipelines;
using System.Text;
using DataLayer.Engines.Lake;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using DataLayer.Query;
using DataLayer.Query.Samples;

namespace DataLayer.Daemon.Hosting;

/// <summary>
/// Asks queries of each kind after the start, of one series that the lake holds, until the runtime has compiled their code well: the first person who
/// asks shall not wait for that (0.1 s and more). Costs a few tenths of a second of one core.
/// </summary>
internal static class QueryWarmUp
{
    /// <summary>The runtime compiles a method well at its thirtieth call.</summary>
    private const int Rounds = 40;

    private static readonly string[] Aggregations = ["avg", "max", "last", "rate", "p99"];

    /// <summary>Ends early where a query fails: whoever asks in earnest will be told.</summary>
    public static async Task RunAsync(QueryService queries, LakeEngine lake, SeriesRegistry registry, CancellationToken cancellation)
    {
        var newest = Newest(lake);
        if (newest is null || newest.MinSeries >= registry.Count) return;
        var (name, labels) = Read(registry.KeyOf(newest.MinSeries));
        var raw = new SamplesQuery { Name = name, Labels = labels, StartMicros = newest.MaxTime - 3_600_000_000, EndMicros = newest.MaxTime + 1 };
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                await AskAsync(queries, raw, cancellation);
                foreach (var aggregation in Aggregations) await AskAsync(queries, raw with { StepMicros = 60_000_000, Aggregation = Aggregation.Parse(aggregation) }, cancellation);
                await AskAsync(queries, raw with { Aggregation = Aggregation.Parse("avg"), By = [] }, cancellation);
                await AskAsync(queries, raw with { Aggregation = Aggregation.Parse("avg"), Top = 1 }, cancellation);
                await queries.LatestAsync(new LatestQuery { Name = name, Labels = labels, Limit = 1 }, ResultFormat.Json, PipeWriter.Create(Stream.Null), cancellation);
            }
        }
        catch (Exception error) when (error is QueryException or OperationCanceledException)
        {
        }
    }

    private static LakeFile? Newest(LakeEngine lake)
    {
        using var snapshot = (LakeSnapshot)lake.Snapshot();
        return snapshot.Files.Where(file => file.Kind == LakeFileKind.Samples).MaxBy(file => file.MaxTime);
    }

    private static (string Name, List<KeyValuePair<string, string>> Labels) Read(ReadOnlySpan<byte> key)
    {
        var reader = new SeriesKeyReader(key);
        var labels = new List<KeyValuePair<string, string>>();
        while (reader.TryNext(out var name, out var value)) labels.Add(new(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value)));
        return (Encoding.UTF8.GetString(reader.Name), labels);
    }

    private static Task AskAsync(QueryService queries, SamplesQuery query, CancellationToken cancellation) =>
        queries.SamplesAsync(query, ResultFormat.Json, PipeWriter.Create(Stream.Null), cancellation);
}
