using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>A file of the lake cannot be read, or does not hold what it should. <see cref="LakeQuarantine"/> decides what comes of it.</summary>
internal sealed class DamagedFileException(LakeFile file, Exception inner)
    : EngineException($"the lake's file {file.Path} cannot be read: {inner.Message}. If it is damaged, it is moved aside to *{LakeQuarantine.Suffix}, and the rest is served: ask again", isTransient: true, inner)
{
    public LakeFile File => file;

    /// <summary>What reading a damaged file may throw: checksums do not fit, counts do not, or numbers lie outside of all bounds.</summary>
    public static bool IsSign(Exception error) => error.GetType() == typeof(Exception) || error is not DamagedFileException and ( // ParquetSharp throws the plain one for schemas that cannot be.
        ParquetException or EngineException or FormatException or OverflowException or IndexOutOfRangeException or ArgumentException or InvalidCastException or NotSupportedException);
}
