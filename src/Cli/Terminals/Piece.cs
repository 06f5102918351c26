namespace DataLayer.Cli.Terminals;

/// <summary>A run of text in one style (Spectre's names: <c>bold</c>, <c>red</c>, <c>dim</c>); null: none.</summary>
internal readonly record struct Piece(string Text, string? Style = null)
{
    public static implicit operator Piece(string text) => new(text);

    public static Piece FromString(string text) => new(text);
}
