namespace DataLayer.Protocol;

/// <summary>What <see cref="MessageScanner"/> found.</summary>
public enum ScanResult : byte
{
    /// <summary>The message goes on beyond the bytes given; all of them were consumed.</summary>
    NeedMore,

    /// <summary>The message ends after the bytes consumed. The scanner is ready for the next.</summary>
    Complete,

    /// <summary>A byte that no MessagePack value begins with.</summary>
    Malformed,

    /// <summary>Containers are nested too deep.</summary>
    TooDeep,

    /// <summary>The message is, or declares to be, longer than the limit.</summary>
    TooLarge,
}
