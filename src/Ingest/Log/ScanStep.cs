namespace DataLayer.Ingest.Log;

/// <summary>What a scanner came to.</summary>
internal enum ScanStep
{
    Record,

    /// <summary>The end of the segment, as far as it is known.</summary>
    End,

    /// <summary>Not the record that should be here: the end of what was written, a torn record, or damage.</summary>
    Broken,
}
