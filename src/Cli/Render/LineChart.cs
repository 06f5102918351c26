using System.Text;
using DataLayer.Client.Http;
using DataLayer.Cli.Terminals;

namespace DataLayer.Cli.Render;

/// <summary>Series over time, drawn with Braille dots: values at the left, times below, a legend where there is more than one series.</summary>
internal sealed class LineChart(IReadOnlyList<SeriesResult> series, int width, int height)
{
    private const int MinColumns = 10;

    private static readonly string[] Colors = ["green", "yellow", "blue", "magenta", "cyan", "red"];

    /// <summary>Series that one chart holds: as many as there are colours.</summary>
    public static int MaxSeries => Colors.Length;

    /// <summary>The lines of the chart; empty where no series has a finite value.</summary>
    public List<Piece[]> Render()
    {
        var points = series.SelectMany(s => s.Samples).Where(p => double.IsFinite(p.Value)).ToList();
        var lines = new List<Piece[]>();
        if (points.Count == 0) return lines;
        var (low, high) = Range(points.Min(p => p.Value), points.Max(p => p.Value));
        var (from, to) = (points.Min(p => p.TimeUnixMicros), points.Max(p => p.TimeUnixMicros));
        string[] marks = [Numbers.Human(high), Numbers.Human((low + high) / 2), Numbers.Human(low)];
        var margin = marks.Max(m => m.Length);
        var canvas = new BrailleCanvas(Math.Max(width - margin - 3, MinColumns), Math.Max(height, 3));
        for (var i = 0; i < series.Count; i++) Draw(canvas, series[i], i, (low, high), (from, to));
        for (var row = 0; row < canvas.Rows; row++)
        {
            var mark = row == 0 ? marks[0] : row == canvas.Rows / 2 ? marks[1] : row == canvas.Rows - 1 ? marks[2] : "";
            lines.Add([new(mark.PadLeft(margin), "dim"), new(mark.Length > 0 ? " ┤" : " │", "dim"), .. Row(canvas, row)]);
        }

        lines.Add([new(new string(' ', margin) + " └" + new string('─', canvas.Columns), "dim")]);
        lines.Add([new(new string(' ', margin + 2) + TimeAxis(from, to, canvas.Columns), "dim")]);
        if (series.Count > 1) lines.AddRange(series.Select((s, i) => (Piece[])[new("  ── ", Colors[i % Colors.Length]), SeriesText.Of(s)]));
        return lines;
    }

    /// <summary>A flat line gets room above and below; it would have no height otherwise.</summary>
    private static (double Low, double High) Range(double low, double high)
    {
        if (low < high) return (low, high);
        var half = low == 0 ? 1 : Math.Abs(low) / 10;
        return (low - half, high + half);
    }

    private static void Draw(BrailleCanvas canvas, SeriesResult series, int layer, (double Low, double High) values, (long From, long To) times)
    {
        (int X, int Y)? last = null;
        foreach (var point in series.Samples)
        {
            // A value that is none leaves a gap in the line.
            if (!double.IsFinite(point.Value))
            {
                last = null;
                continue;
            }

            var x = times.To == times.From ? canvas.DotWidth / 2 : (int)Math.Round((double)(point.TimeUnixMicros - times.From) / (times.To - times.From) * (canvas.DotWidth - 1));
            var share = (point.Value - values.Low) / (values.High - values.Low);
            var y = (int)Math.Round((1 - share) * (canvas.DotHeight - 1));
            if (last is { } p) canvas.Line(p.X, p.Y, x, y, layer);
            else canvas.Set(x, y, layer);
            last = (x, y);
        }
    }

    private static List<Piece> Row(BrailleCanvas canvas, int row)
    {
        var pieces = new List<Piece>();
        var text = new StringBuilder();
        var end = canvas.Columns;
        while (end > 0 && canvas.At(end - 1, row) == ' ') end--;
        for (var column = 0; column < end; column++)
        {
            text.Append(canvas.At(column, row));
            if (column + 1 < end && canvas.LayerAt(column + 1, row) == canvas.LayerAt(column, row)) continue;
            pieces.Add(new Piece(text.ToString(), Colors[canvas.LayerAt(column, row) % Colors.Length]));
            text.Clear();
        }

        return pieces;
    }

    private static string TimeAxis(long from, long to, int columns)
    {
        var range = to - from;
        var (left, middle, right) = (Times.Tick(from, range), Times.Tick(from + (range / 2), range), Times.Tick(to, range));
        if (columns < left.Length + right.Length + 2) return left;
        var axis = new char[columns];
        Array.Fill(axis, ' ');
        left.CopyTo(axis);
        right.CopyTo(axis.AsSpan(columns - right.Length));
        var at = (columns - middle.Length) / 2;
        if (at > left.Length + 2 && range > 0) middle.CopyTo(axis.AsSpan(at));
        return new string(axis).TrimEnd();
    }
}
