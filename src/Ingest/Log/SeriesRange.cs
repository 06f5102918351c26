using System.Runtime.InteropServices;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>Which series a record speaks of.</summary>
internal static class SeriesRange
{
    /// <summary>The highest series number in the record; -1: none.</summary>
    public static int HighestOf(Record record)
    {
        var highest = -1;
        var schemas = record.Schemas;
        for (var i = 0; i < schemas.Count; i++) highest = Math.Max(highest, HighestOf(schemas[i].Series));
        var sections = new RecordSections(record.Bytes);
        while (sections.MoveNext())
        {
            if (sections.Kind == SectionKind.Samples) highest = Math.Max(highest, HighestOf(sections.Series));
        }

        return highest;
    }

    private static int HighestOf(ReadOnlySpan<int> series)
    {
        var highest = -1;
        foreach (var vector in MemoryMarshal.Cast<int, System.Numerics.Vector<int>>(series))
        {
            if (System.Numerics.Vector.GreaterThanAny(vector, new System.Numerics.Vector<int>(highest))) highest = HighestOfFew(vector, highest);
        }

        foreach (var rest in series[(series.Length / System.Numerics.Vector<int>.Count * System.Numerics.Vector<int>.Count)..]) highest = Math.Max(highest, rest);
        return highest;
    }

    private static int HighestOfFew(System.Numerics.Vector<int> vector, int highest)
    {
        for (var i = 0; i < System.Numerics.Vector<int>.Count; i++) highest = Math.Max(highest, vector[i]);
        return highest;
    }
}
