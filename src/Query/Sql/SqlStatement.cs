namespace DataLayer.Query.Sql;

/// <summary>A statement that <see cref="SqlGuard"/> has let through, and what it touches.</summary>
/// <param name="Text">A SELECT without a semicolon or comments, so that it can stand in parentheses; or EXPLAIN of one.</param>
/// <param name="UsesSamples">Whether it reads the view samples.</param>
/// <param name="UsesRollups">Whether it reads a rollup view.</param>
/// <param name="UsesEvents">Whether it reads the view events.</param>
/// <param name="NeedsNames">False where it surely reads no column but time, value and quality, so that samples need no join with their series.</param>
/// <param name="IsExplain">EXPLAIN can stand in no parentheses; its columns are two texts.</param>
internal sealed record SqlStatement(string Text, bool UsesSamples, bool UsesRollups, bool UsesEvents, bool NeedsNames, bool IsExplain);
