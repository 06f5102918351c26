namespace DataLayer.Protocol;

/// <summary>What is wrong with a series' name or labels.</summary>
public enum SeriesKeyStatus : byte
{
    Ok,
    NameEmpty,
    NameTooLong,
    NameNotUtf8,
    NameHasControlCharacter,
    TooManyLabels,
    LabelNameEmpty,
    LabelNameTooLong,
    LabelNameNotUtf8,
    LabelTwice,
    LabelValueTooLong,
    LabelValueNotUtf8,
}
