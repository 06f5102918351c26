using System.Globalization;

namespace DataLayer.Cli.Render;

/// <summary>Text by the numbers in it: core 2 before core 10.</summary>
internal static class NaturalOrder
{
    public static IComparer<string> Instance { get; } = StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.NumericOrdering);
}
