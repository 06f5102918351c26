using CsCheck;
using DataLayer.Query.Samples;
using Xunit;

namespace DataLayer.Query.Tests.Samples;

public sealed class SeriesPartsTests
{
    [Fact]
    public void Of_any_number_is_all_of_them_in_order_and_no_part_too_large() =>
        Gen.Select(Gen.Int[0, 20_000], Gen.Int[1, 4096]).Sample((count, max) =>
        {
            int[] series = [.. Enumerable.Range(0, count)];
            var parts = SeriesParts.Of(series, max);
            Assert.Equal(series, parts.SelectMany(part => part));
            Assert.All(parts, part => Assert.InRange(part.Length, 1, max));
        });

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(255, new[] { 255 })]
    [InlineData(300, new[] { 150, 150 })]
    [InlineData(1000, new[] { 500, 500 })]
    public void Of_few_series_makes_few_even_parts(int count, int[] expected) =>
        Assert.Equal(expected, SeriesParts.Of([.. Enumerable.Range(0, count)]).Select(part => part.Length));

    [Fact]
    public void Of_many_series_begins_small() => Assert.Equal(64, SeriesParts.Of([.. Enumerable.Range(0, 100_000)])[0].Length);
}
