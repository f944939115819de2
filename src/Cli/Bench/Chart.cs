using System.Globalization;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Bench;

/// <summary>A chart with title, value axis, legend, and either curves or groups of bars; values that are not finite are left out.</summary>
internal sealed class Chart(string title, string unit)
{
    private const int Width = 960, Height = 520, Left = 90, Right = 20, Top = 60, Bottom = 70, Scale = 2;

    private static readonly (byte R, byte G, byte B)[] Colours =
        [(31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40), (148, 103, 189), (140, 86, 75), (23, 190, 207), (127, 127, 127)];

    private static readonly (byte, byte, byte) Ink = (40, 40, 40), Grid = (225, 225, 225);

    private readonly Raster<byte>[] _canvas = [White(), White(), White()];

    /// <summary>Curves over one axis.</summary>
    public Chart Curves(double[] x, IReadOnlyList<(string Name, double[] Y)> curves)
    {
        var axis = Axis(curves.SelectMany(c => c.Y));
        Frame(axis, curves.Select(c => c.Name).ToArray());
        double first = x[0], last = x[^1];
        int Column(double value) => Left + (int)Math.Round((value - first) / (last - first) * (Width - Left - Right));
        for (int i = 0; i < x.Length; i += Math.Max(1, x.Length / 10))
            Text(Column(x[i]) - 15, Height - Bottom + 10, x[i].ToString("0.00", CultureInfo.InvariantCulture), Ink, 1);
        for (int c = 0; c < curves.Count; c++)
        {
            for (int i = 0; i < x.Length; i++)
            {
                if (!double.IsFinite(curves[c].Y[i]))
                    continue;
                int px = Column(x[i]), py = Row(curves[c].Y[i], axis);
                Fill(px - 3, py - 3, 7, 7, Colours[c % Colours.Length]);
                if (i > 0 && double.IsFinite(curves[c].Y[i - 1]))
                    Line(Column(x[i - 1]), Row(curves[c].Y[i - 1], axis), px, py, Colours[c % Colours.Length]);
            }
        }

        return this;
    }

    /// <summary>One group of bars per label, one bar per series; a line at <paramref name="mark"/> shows the value wished for.</summary>
    public Chart Bars(string[] groups, IReadOnlyList<(string Name, double[] Values)> series, double? mark = null)
    {
        var axis = Axis(series.SelectMany(s => s.Values).Append(mark ?? 0).Append(0));
        Frame(axis, series.Select(s => s.Name).ToArray());
        double groupWidth = (double)(Width - Left - Right) / groups.Length, barWidth = groupWidth * 0.8 / series.Count;
        for (int g = 0; g < groups.Length; g++)
        {
            int from = Left + (int)(g * groupWidth);
            // Long labels of neighbours take turns on two lines.
            Text(from + 4, Height - Bottom + 10 + (g % 2 == 0 ? 0 : 14), groups[g], Ink, 1);
            for (int s = 0; s < series.Count; s++)
            {
                double value = series[s].Values[g];
                if (!double.IsFinite(value))
                    continue;
                int zero = Row(0, axis), end = Row(value, axis);
                Fill(from + (int)(groupWidth * 0.1 + s * barWidth), Math.Min(zero, end), Math.Max(1, (int)barWidth - 1), Math.Max(1, Math.Abs(end - zero)), Colours[s % Colours.Length]);
            }
        }

        if (mark is { } wished)
            Line(Left, Row(wished, axis), Width - Right, Row(wished, axis), Ink);
        return this;
    }

    /// <exception cref="InputException">The file cannot be written.</exception>
    public void Save(string path) => RasterCopy.WritePng(path, _canvas);

    private static Raster<byte> White() => new Raster<byte>(Width, Height).Fill(255);

    private static (double Low, double High, double Step) Axis(IEnumerable<double> values)
    {
        var known = values.Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        double low = known.Min(), high = known.Max();
        if (high - low < 1e-9)
            (low, high) = (low - 0.5, high + 0.5);
        double rough = (high - low) / 6, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * (rough / power <= 1 ? 1 : rough / power <= 2 ? 2 : rough / power <= 5 ? 5 : 10);
        return (Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step);
    }

    private static int Row(double value, (double Low, double High, double Step) axis) =>
        Height - Bottom - (int)Math.Round((value - axis.Low) / (axis.High - axis.Low) * (Height - Top - Bottom));

    private void Frame((double Low, double High, double Step) axis, string[] names)
    {
        Text(Left, 8, title, Ink, Scale);
        Text(4, Top - 14, unit, Ink, 1);
        int decimals = Math.Max(0, (int)Math.Ceiling(-Math.Log10(axis.Step) - 1e-9));
        for (double value = axis.Low; value < axis.High + axis.Step / 2; value += axis.Step)
        {
            int row = Row(value, axis);
            Line(Left, row, Width - Right, row, Math.Abs(value) < axis.Step / 2 ? Ink : Grid);
            Text(10, row - 3, value.ToString("F" + decimals, CultureInfo.InvariantCulture), Ink, 1);
        }

        int x = Left;
        for (int i = 0; i < names.Length; i++)
        {
            Fill(x, 34, 10, 10, Colours[i % Colours.Length]);
            Text(x + 14, 36, names[i], Ink, 1);
            x += 14 + names[i].Length * PixelLetters.Width + 18;
        }
    }

    private void Text(int x, int y, string text, (byte, byte, byte) colour, int scale)
    {
        foreach (var (column, row) in PixelLetters.Dots(text))
            Fill(x + column * scale, y + row * scale, scale, scale, colour);
    }

    private void Line(int x0, int y0, int x1, int y1, (byte, byte, byte) colour)
    {
        int steps = Math.Max(1, Math.Max(Math.Abs(x1 - x0), Math.Abs(y1 - y0)));
        for (int i = 0; i <= steps; i++)
            Fill(x0 + (int)Math.Round((double)(x1 - x0) * i / steps), y0 + (int)Math.Round((double)(y1 - y0) * i / steps), 1, 1, colour);
    }

    private void Fill(int x, int y, int width, int height, (byte R, byte G, byte B) colour)
    {
        var window = new Window(x, y, width, height).Intersect(_canvas[0].Bounds);
        for (int row = window.Y; row < window.Bottom; row++)
        {
            _canvas[0].Row(row).Slice(window.X, window.Width).Fill(colour.R);
            _canvas[1].Row(row).Slice(window.X, window.Width).Fill(colour.G);
            _canvas[2].Row(row).Slice(window.X, window.Width).Fill(colour.B);
        }
    }
}
