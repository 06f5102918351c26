using DataLayer.Ingest.Series;

namespace DataLayer.Query.Samples;

/// <summary>What the numbers in an answer mean: groups, or series where there are none. Nothing in it changes: any thread.</summary>
internal sealed class SeriesNames(ISeriesCatalog catalog, SeriesGroups? groups)
{
    public ReadOnlySpan<byte> KeyOf(int number) => groups is null ? catalog.KeyOf(number) : groups.KeyOf(number);
}
