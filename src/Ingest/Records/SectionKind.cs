namespace DataLayer.Ingest.Records;

/// <summary>How a run of samples is laid out in a record. Stored: never renumber.</summary>
public enum SectionKind : ushort
{
    /// <summary>Instants of all series of one schema.</summary>
    Rows = 1,

    /// <summary>Single samples, in columns.</summary>
    Samples = 2,

    /// <summary>Events, one after another.</summary>
    Events = 3,
}
