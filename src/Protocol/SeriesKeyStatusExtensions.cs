namespace DataLayer.Protocol;

/// <summary>What to tell the peer about a <see cref="SeriesKeyStatus"/>.</summary>
public static class SeriesKeyStatusExtensions
{
    public static ErrorCode ToErrorCode(this SeriesKeyStatus status) => status switch
    {
        SeriesKeyStatus.Ok => ErrorCode.None,
        SeriesKeyStatus.NameTooLong or SeriesKeyStatus.TooManyLabels or SeriesKeyStatus.LabelNameTooLong or SeriesKeyStatus.LabelValueTooLong =>
            ErrorCode.OverLimit,
        _ => ErrorCode.BadContent,
    };

    public static string Describe(this SeriesKeyStatus status) => status switch
    {
        SeriesKeyStatus.Ok => "ok",
        SeriesKeyStatus.NameEmpty => "the name is empty",
        SeriesKeyStatus.NameTooLong => $"the name is longer than {ProtocolLimits.MaxNameBytes} bytes",
        SeriesKeyStatus.NameNotUtf8 => "the name is not UTF-8",
        SeriesKeyStatus.NameHasControlCharacter => "the name has a control character",
        SeriesKeyStatus.TooManyLabels => $"there are more than {ProtocolLimits.MaxLabels} labels",
        SeriesKeyStatus.LabelNameEmpty => "a label's name is empty",
        SeriesKeyStatus.LabelNameTooLong => $"a label's name is longer than {ProtocolLimits.MaxLabelNameBytes} bytes",
        SeriesKeyStatus.LabelNameNotUtf8 => "a label's name is not UTF-8",
        SeriesKeyStatus.LabelTwice => "a label is there twice",
        SeriesKeyStatus.LabelValueTooLong => $"a label's value is longer than {ProtocolLimits.MaxLabelValueBytes} bytes",
        SeriesKeyStatus.LabelValueNotUtf8 => "a label's value is not UTF-8",
        _ => "unknown",
    };
}
