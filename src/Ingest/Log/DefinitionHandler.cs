namespace DataLayer.Ingest.Log;

/// <summary>Takes one definition read from disk. <paramref name="bytes"/> (a series' canonical key, an agent's name in UTF-8) is valid until it returns.</summary>
public delegate void DefinitionHandler(ushort kind, int number, ReadOnlySpan<byte> bytes);
