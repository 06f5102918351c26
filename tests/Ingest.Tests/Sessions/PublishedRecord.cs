using System.Text;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using Xunit;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>What was in a record when it was published, read from its bytes as the log and the shards do.</summary>
internal sealed record PublishedRecord(int Agent, long BatchSeq, int SampleCount, IReadOnlyList<PublishedSample> Samples, IReadOnlyList<PublishedEvent> Events)
{
    public static PublishedRecord Of(Record record, SeriesRegistry registry)
    {
        var samples = new List<PublishedSample>();
        var events = new List<PublishedEvent>();
        var sections = new RecordSections(record.Bytes);
        var schema = 0;
        while (sections.MoveNext())
        {
            if (sections.Kind == SectionKind.Rows) AddRows(samples, sections, record.Schemas[schema++], registry);
            else if (sections.Kind == SectionKind.Events) AddEvents(events, sections.Events);
            else AddSamples(samples, sections, registry);
        }

        Assert.Equal((record.SampleCount, record.EventCount), (samples.Count, events.Count));
        return new PublishedRecord(record.Agent, record.BatchSeq, record.SampleCount, samples, events);
    }

    private static void AddEvents(List<PublishedEvent> events, ReadOnlySpan<byte> section)
    {
        var reader = new RecordEvents(section);
        while (reader.MoveNext())
        {
            events.Add(new PublishedEvent(
                Encoding.UTF8.GetString(reader.Id), Encoding.UTF8.GetString(reader.Type), Encoding.UTF8.GetString(reader.Source), reader.TimeMicros, Convert.ToHexString(reader.Document)));
        }
    }

    private static void AddRows(List<PublishedSample> samples, in RecordSections sections, Schema schema, SeriesRegistry registry)
    {
        for (var row = 0; row < sections.Count; row++)
        {
            var words = sections.Rows.Slice(row * (sections.Columns + 1), sections.Columns + 1);
            for (var column = 0; column < sections.Columns; column++)
            {
                var bits = BitConverter.DoubleToInt64Bits(words[1 + column]);
                if (bits == RecordLayout.NoSampleBits || schema.Series[column] < 0) continue;
                samples.Add(new PublishedSample(Name(registry, schema.Series[column]), BitConverter.DoubleToInt64Bits(words[0]), bits, 1f));
            }
        }
    }

    private static void AddSamples(List<PublishedSample> samples, in RecordSections sections, SeriesRegistry registry)
    {
        for (var i = 0; i < sections.Count; i++)
        {
            samples.Add(new PublishedSample(
                Name(registry, sections.Series[i]),
                sections.Times[i],
                BitConverter.DoubleToInt64Bits(sections.Values[i]),
                sections.Qualities.IsEmpty ? 1f : sections.Qualities[i]));
        }
    }

    private static string Name(SeriesRegistry registry, int series) => SeriesIdentity.FromKey(registry.KeyOf(series)).ToString();
}
