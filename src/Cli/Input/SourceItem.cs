namespace DataLayer.Cli.Input;

/// <summary>One message of an input, or what is wrong with it.</summary>
/// <param name="Position">Its line, or its number among the messages; from 1.</param>
/// <param name="Samples">How many samples it holds.</param>
/// <param name="Error">Null: it was written. Else it was not, and this says why.</param>
internal readonly record struct SourceItem(long Position, int Samples, string? Error);
