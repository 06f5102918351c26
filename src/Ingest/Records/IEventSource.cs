namespace DataLayer.Ingest.Records;

/// <summary>A batch that holds events beside its samples.</summary>
public interface IEventSource
{
    /// <summary>Sections of events, in order of arrival, each to be walked with <see cref="RecordEvents"/>.</summary>
    IReadOnlyList<ReadOnlyMemory<byte>> EventSections { get; }
}
