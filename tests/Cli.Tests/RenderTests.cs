using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;
using Xunit;

namespace DataLayer.Cli.Tests;

public sealed class RenderTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(12, "12")]
    [InlineData(9999, "9999")]
    [InlineData(12_345, "12.3 k")]
    [InlineData(999_999, "1 M")]
    [InlineData(1_234_567_890, "1.23 G")]
    [InlineData(0.333333, "0.33")]
    [InlineData(-15_000, "-15 k")]
    [InlineData(double.NaN, "NaN")]
    public void Human_has_three_digits(double value, string text) => Assert.Equal(text, Numbers.Human(value));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1_572_864, "1.5 MiB")]
    public void Bytes_in_binary_units(double value, string text) => Assert.Equal(text, Numbers.Bytes(value));

    [Theory]
    [InlineData(850, "850 µs")]
    [InlineData(3_200, "3.2 ms")]
    [InlineData(12_000_000, "12 s")]
    [InlineData(240e6, "4 min")]
    [InlineData(3.5 * 3600e6, "3.5 h")]
    [InlineData(12 * 86_400e6, "12 d")]
    public void Duration_in_the_unit_that_suits(double micros, string text) => Assert.Equal(text, Numbers.Duration(micros));

    [Theory]
    [InlineData(1_234_567, "1234567")]
    [InlineData(0.33333333333, "0.333333")]
    [InlineData(12.3456789, "12.3457")]
    [InlineData(0.00001234, "1.234e-5")]
    [InlineData(1e20, "1e+20")]
    public void Short_has_six_digits(double value, string text) => Assert.Equal(text, Numbers.Short(value));

    [Theory]
    [InlineData(0.1)]
    [InlineData(double.MaxValue)]
    [InlineData(-1.0000000000000002)]
    public void Exact_reads_back(double value) => Assert.Equal(value, double.Parse(Numbers.Exact(value), System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void Table_too_wide_is_cut_on_a_terminal_only()
    {
        Assert.Equal("text          n\naaaaaaaaaaa…  1\n", Show(isTerminal: true));
        Assert.Equal("text                            n\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  1\n", Show(isTerminal: false));

        static string Show(bool isTerminal)
        {
            using var output = new StringWriter { NewLine = "\n" };
            using var terminal = new Terminal(output, TextWriter.Null, () => Stream.Null, isTerminal) { Width = 15, HasColor = false };
            var table = new TextTable().Text("text").Number("n");
            table.Add(new string('a', 30), "1");
            table.WriteTo(terminal);
            return output.ToString();
        }
    }

    [Fact]
    public void Terminal_styles_show_on_a_terminal_with_colour_only()
    {
        Assert.Equal("a\n", Show(true, false));
        Assert.Equal("a\n", Show(false, true));
        Assert.Contains("\x1b[", Show(true, true), StringComparison.Ordinal);

        static string Show(bool isTerminal, bool hasColor)
        {
            using var output = new StringWriter { NewLine = "\n" };
            using var terminal = new Terminal(output, TextWriter.Null, () => Stream.Null, isTerminal) { HasColor = hasColor };
            terminal.WriteLine(new Piece("a", "red"));
            return output.ToString();
        }
    }

    [Theory]
    [InlineData(new[] { 0d, 1, 2, 3, 4, 5, 6, 7 }, 8, "▁▂▃▄▅▆▇█")]
    [InlineData(new[] { 1d, 1, 1 }, 8, "▅▅▅")]
    [InlineData(new[] { 0d, double.NaN, 7 }, 8, "▁ █")]
    [InlineData(new[] { 0d, 0, 7, 7 }, 2, "▁█")]
    [InlineData(new double[0], 8, "")]
    public void Sparkline_of_values(double[] values, int width, string bars) => Assert.Equal(bars, Sparkline.Of(values, width));

    [Fact]
    public void Canvas_dots_are_where_unicode_has_them()
    {
        var canvas = new BrailleCanvas(1, 1);
        canvas.Set(0, 0, 0);
        canvas.Set(1, 3, 0);
        canvas.Set(2, 0, 0);
        canvas.Set(0, -1, 0);
        Assert.Equal('⢁', canvas.At(0, 0));
    }

    [Theory]
    [InlineData("core2", "core10", -1)]
    [InlineData("a10b2", "a10b1", 1)]
    [InlineData("a", "a1", -1)]
    [InlineData("a02", "a2", -1)]
    [InlineData("a2", "a2", 0)]
    public void NaturalOrder_compares_numbers_as_numbers(string x, string y, int sign) => Assert.Equal(sign, Math.Sign(NaturalOrder.Instance.Compare(x, y)));
}
