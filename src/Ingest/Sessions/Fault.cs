namespace DataLayer.Ingest.Sessions;

/// <summary>What can be wrong with a message, as finely as a sender needs it to find the cause. See <see cref="FaultExtensions"/>.</summary>
internal enum Fault : byte
{
    None,

    // Error 1.
    NotMessagePack,
    NoKind,
    ServerOp,
    NotInBatch,
    CutShort,
    BatchDoesNotUnpack,
    BatchLengthWrong,

    // Error 2.
    MessageTooLarge,
    TooDeep,
    BatchTooLarge,
    RecordTooLarge,
    SchemaTooWide,
    FlushesWaiting,
    TooManySchemas,

    // Error 3.
    HelloRequired,
    NotAllowed,

    // Error 4.
    LineShape,
    LabelsNotStrings,
    TimeNotATime,
    TimeOutOfRange,
    ValueNotANumber,
    QualityOutOfRange,
    PointShape,
    FieldNotAString,
    FieldEmpty,
    OperationShape,
    AgentName,
    HelloTwice,
    HeaderOutsideDatagram,
    EventShape,
    EventName,
    EventId,

    // Error 5.
    SchemaUnknown,
    LengthMismatch,

    // Error 6.
    ServerSeriesLimit,
    AgentSeriesLimit,

    // Error 7.
    StorageFull,
    MemoryFull,
    GatherFull,
    EarlierBatchRefused,

    // Error 8.
    Stopping,

    // Error 9.
    OperationUnknown,
    CodecUnknown,
    VersionUnknown,

    /// <summary>From here on: this plus a <see cref="Protocol.SeriesKeyStatus"/>. Errors 2 and 4.</summary>
    SeriesKey,
}
