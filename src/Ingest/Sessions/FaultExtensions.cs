using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>Code, reason and words of a <see cref="Fault"/>. Cold: called when something is wrong.</summary>
internal static class FaultExtensions
{
    /// <summary>How many faults there are, those of series keys included.</summary>
    public static readonly int Count = (int)Fault.SeriesKey + Enum.GetValues<SeriesKeyStatus>().Length;

    public static Fault Of(SeriesKeyStatus status) => status == SeriesKeyStatus.Ok ? Fault.None : Fault.SeriesKey + (byte)status;

    public static Fault Of(SeriesStatus status) => status switch
    {
        SeriesStatus.OverServerLimit => Fault.ServerSeriesLimit,
        SeriesStatus.OverAgentLimit => Fault.AgentSeriesLimit,
        _ => Fault.None,
    };

    public static Fault Of(Admission admission) => admission switch
    {
        Admission.StorageFull => Fault.StorageFull,
        Admission.MemoryFull => Fault.MemoryFull,
        Admission.Stopping => Fault.Stopping,
        _ => Fault.None,
    };

    public static ErrorCode Code(this Fault fault) => fault switch
    {
        Fault.None => ErrorCode.None,
        <= Fault.BatchLengthWrong => ErrorCode.NotAMessage,
        <= Fault.TooManySchemas => ErrorCode.OverLimit,
        <= Fault.NotAllowed => ErrorCode.NotAllowed,
        <= Fault.EventId => ErrorCode.BadContent,
        <= Fault.LengthMismatch => ErrorCode.BadSchema,
        <= Fault.AgentSeriesLimit => ErrorCode.SeriesLimit,
        <= Fault.EarlierBatchRefused => ErrorCode.StorageFull,
        Fault.Stopping => ErrorCode.Stopping,
        < Fault.SeriesKey => ErrorCode.NotSupported,
        _ => fault.KeyStatus().ToErrorCode(),
    };

    public static RejectReason Reason(this Fault fault) => fault == Fault.MemoryFull ? RejectReason.MemoryFull : fault.Code() switch
    {
        ErrorCode.NotAMessage => RejectReason.Malformed,
        ErrorCode.OverLimit => RejectReason.OverLimit,
        ErrorCode.NotAllowed => RejectReason.NotAllowed,
        ErrorCode.BadContent => RejectReason.BadContent,
        ErrorCode.BadSchema => RejectReason.BadSchema,
        ErrorCode.SeriesLimit => RejectReason.SeriesLimit,
        ErrorCode.StorageFull => RejectReason.StorageFull,
        ErrorCode.Stopping => RejectReason.Stopping,
        _ => RejectReason.NotSupported,
    };

    /// <summary>The sender may try the same again: whether a batch refused for it holds back those after it.</summary>
    public static bool IsForNow(this Fault fault) => fault is Fault.StorageFull or Fault.MemoryFull or Fault.EarlierBatchRefused or Fault.Stopping;

    public static string Describe(this Fault fault) => fault switch
    {
        Fault.None => "ok",
        Fault.NotMessagePack => "these bytes are not MessagePack",
        Fault.NoKind => "no kind of message begins like this: a line is an array that begins with a string, a point is a map, an operation is an array that begins with an integer",
        Fault.ServerOp => "this operation is the server's to send",
        Fault.NotInBatch => "this operation cannot be in a batch",
        Fault.CutShort => "the message is cut short",
        Fault.BatchDoesNotUnpack => "the batch cannot be unpacked",
        Fault.BatchLengthWrong => "the batch's raw_len is not its length",
        Fault.MessageTooLarge => "the message is longer than max_message",
        Fault.TooDeep => $"the message is nested deeper than {ProtocolLimits.MaxDepth}",
        Fault.BatchTooLarge => "the batch is longer than max_batch",
        Fault.RecordTooLarge => "the batch holds more samples than one record can; send smaller batches",
        Fault.SchemaTooWide => "the schema has too many series",
        Fault.FlushesWaiting => "too many flushes wait for an answer",
        Fault.TooManySchemas => "the server holds as many schemas as it may",
        Fault.HelloRequired => "a hello with a token must come first",
        Fault.NotAllowed => "this agent and token are not allowed",
        Fault.LineShape => "a sample line is [name, labels, time, value] or [name, labels, time, value, quality]",
        Fault.LabelsNotStrings => "labels are a map of strings to strings, or nil",
        Fault.TimeNotATime => "the time is neither a MessagePack timestamp nor an integer of microseconds nor nil",
        Fault.TimeOutOfRange => "the time is out of range: before the earliest allowed, or too far ahead of the server's clock",
        Fault.ValueNotANumber => "the value is neither a number nor a boolean nor nil",
        Fault.QualityOutOfRange => "the quality is not a number in [0, 1]",
        Fault.PointShape => "a point is {\"name\": string, \"tags\": map, \"time\": time, \"fields\": map}",
        Fault.FieldNotAString => "a field's name is not a string",
        Fault.FieldEmpty => "a field's name is empty",
        Fault.OperationShape => "the operation's elements are not those of the protocol",
        Fault.AgentName => "the agent's name is not 1-255 bytes of UTF-8 without control characters",
        Fault.HelloTwice => "hello was said already",
        Fault.HeaderOutsideDatagram => "a datagram header belongs first in a datagram",
        _ => DescribeRest(fault),
    };

    private static string DescribeRest(Fault fault) => fault switch
    {
        Fault.EventShape => "an event is [6, type, source, time, map]",
        Fault.EventName => "an event's type, and its source unless that is empty or nil, are 1-255 bytes of UTF-8 without control characters",
        Fault.EventId => "an event's id is a string of 1-255 bytes of UTF-8 without control characters, or a number",
        Fault.SchemaUnknown => "the schema was not declared, or its declaration was refused",
        Fault.LengthMismatch => "the length does not fit the schema: 8 bytes for each series and instant",
        Fault.ServerSeriesLimit => "the server's limit of series is reached",
        Fault.AgentSeriesLimit => "the agent's limit of series is reached",
        Fault.StorageFull => "storage is full or cannot be written",
        Fault.MemoryFull => "memory is full until storage has caught up",
        Fault.GatherFull => "unfinished messages take all the memory they may",
        Fault.EarlierBatchRefused => "an earlier batch was refused for now; send that one again first",
        Fault.Stopping => "the server is stopping",
        Fault.OperationUnknown => "no such operation in this version of the protocol",
        Fault.CodecUnknown => "no such codec: 0 none, 1 LZ4 block, 2 zstd",
        Fault.VersionUnknown => "this server speaks version 1 of the protocol",
        _ => fault.KeyStatus().Describe(),
    };

    private static SeriesKeyStatus KeyStatus(this Fault fault) => (SeriesKeyStatus)(fault - Fault.SeriesKey);
}
