namespace DataLayer.Ingest.Series;

/// <summary>Read access to the series registry, for engines and queries. Safe from any thread.</summary>
public interface ISeriesCatalog
{
    /// <summary>Series registered so far; their numbers are 0 … Count-1.</summary>
    int Count { get; }

    /// <summary>The canonical key (see <c>SeriesKey</c> in Protocol) of a series. The span is valid for ever.</summary>
    ReadOnlySpan<byte> KeyOf(int series);

    /// <summary>The first series with the same name: it stands for the metric, see <see cref="SeriesOrder"/>.</summary>
    int MetricOf(int series);

    /// <summary>The series with exactly this name (null: any) and all of these label values, in <see cref="SeriesOrder"/>.</summary>
    int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels);
}
