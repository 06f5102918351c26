namespace DataLayer.Cli.Render;

/// <summary>Dots on a grid of Braille characters, 2 wide and 4 high in each; a character has the colour of the layer drawn last on it.</summary>
internal sealed class BrailleCanvas(int columns, int rows)
{
    // The bit of each dot: column by column, top to bottom (Unicode, Braille Patterns).
    private static readonly byte[] Bits = [0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80];

    private readonly byte[] _cells = new byte[columns * rows];
    private readonly int[] _layers = new int[columns * rows];

    public int Columns { get; } = columns;

    public int Rows { get; } = rows;

    public int DotWidth => Columns * 2;

    public int DotHeight => Rows * 4;

    /// <summary>Sets a dot; the origin is the upper left. Dots outside are let go.</summary>
    public void Set(int x, int y, int layer)
    {
        if ((uint)x >= (uint)DotWidth || (uint)y >= (uint)DotHeight) return;
        var cell = (y / 4 * Columns) + (x / 2);
        _cells[cell] |= Bits[((x & 1) * 4) + (y & 3)];
        _layers[cell] = layer;
    }

    /// <summary>Sets the dots between two (Bresenham).</summary>
    public void Line(int x0, int y0, int x1, int y1, int layer)
    {
        var (dx, dy) = (Math.Abs(x1 - x0), -Math.Abs(y1 - y0));
        var (sx, sy) = (x0 < x1 ? 1 : -1, y0 < y1 ? 1 : -1);
        var error = dx + dy;
        while (true)
        {
            Set(x0, y0, layer);
            if (x0 == x1 && y0 == y1) return;
            var twice = 2 * error;
            if (twice >= dy)
            {
                error += dy;
                x0 += sx;
            }

            if (twice > dx) continue;
            error += dx;
            y0 += sy;
        }
    }

    public char At(int column, int row)
    {
        var cell = _cells[(row * Columns) + column];
        return cell == 0 ? ' ' : (char)(0x2800 + cell);
    }

    public int LayerAt(int column, int row) => _layers[(row * Columns) + column];
}
