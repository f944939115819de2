using GdmOptEtq.Imagery.Products.Drawing;

namespace GdmOptEtq.Imagery.Products;

/// <summary>The strip under a preview: title, colour bar with ticks, unit and sign, scale bar, sample of "no data", inputs.</summary>
internal static class PreviewLegend
{
    /// <summary>Dots to keep for the legend under a map that is as high as allowed.</summary>
    public const int Room = 248;

    private const int Margin = 14;
    private const int BarHeight = 20;

    /// <param name="metresPerDot">Size of one dot of the map; null: no scale bar.</param>
    public static Canvas Draw(int width, ColourMap colours, double minimum, double maximum, double? metresPerDot, PreviewOptions options)
    {
        const int Scale = 2;
        const int Line = BitmapFont.LineDots * Scale;
        int lines = 2 + Math.Min(4, options.Inputs.Count);
        var canvas = new Canvas(width, Margin + Line * lines + BarHeight + 8 + Line + Margin, Rgba.White);
        canvas.FillRectangle(0, 0, width, 1, Rgba.Grey(120));
        int y = Margin;
        DrawText(canvas, y, options.Title, Rgba.Black, Scale);
        y += Line;

        int bar = Math.Min(640, (int)(width * 0.55)) - Margin, left = Margin + 30;
        for (int x = 0; x < bar; x++)
            canvas.FillRectangle(left + x, y, 1, BarHeight, colours.At(x / (bar - 1.0)));
        canvas.Rectangle(left - 1, y - 1, bar + 2, BarHeight + 2, Rgba.Grey(60));
        foreach (double tick in Axis.Ticks(minimum, maximum, Math.Max(2, bar / 110)))
        {
            int x = left + (int)Math.Round((tick - minimum) / (maximum - minimum) * (bar - 1));
            canvas.FillRectangle(x, y + BarHeight, 1, 6, Rgba.Grey(60));
            canvas.Text(x, y + BarHeight + 9, Axis.Label(tick), Rgba.Black, Scale, TextAnchor.Middle);
        }

        int right = left + bar + 46;
        DrawNoData(canvas, right, y, Scale);
        if (metresPerDot is { } size)
            DrawScaleBar(canvas, right, y + BarHeight + 9, width - right - Margin, size, Scale);
        y += BarHeight + 8 + Line + 4;
        DrawText(canvas, y, options.Caption, Rgba.Black, Scale);
        foreach (string input in options.Inputs.Take(4))
        {
            y += Line;
            DrawText(canvas, y, input, Rgba.Grey(80), Scale);
        }

        return canvas;
    }

    // Long names shrink rather than leave the picture.
    private static void DrawText(Canvas canvas, int y, string text, Rgba colour, int scale)
    {
        int fitting = BitmapFont.Width(text, scale) <= canvas.Width - 2 * Margin ? scale : 1;
        canvas.Text(Margin, y, text, colour, fitting);
    }

    private static void DrawNoData(Canvas canvas, int x, int y, int scale)
    {
        // Really transparent, in a frame: it looks here as it does on the map.
        for (int row = 1; row < BarHeight - 1; row++)
        {
            for (int column = 1; column < 29; column++)
                canvas.Set(x + column, y + row, Rgba.Transparent);
        }

        canvas.Rectangle(x, y, 30, BarHeight, Rgba.Grey(60));
        canvas.Text(x + 38, y + 3, "no data", Rgba.Black, scale);
    }

    private static void DrawScaleBar(Canvas canvas, int x, int y, int room, double metresPerDot, int scale)
    {
        double metres = Axis.Step(Math.Min(room, 160) * metresPerDot / 2.5);
        int length = (int)Math.Round(metres / metresPerDot);
        canvas.FillRectangle(x, y + 4, length, 4, Rgba.Black);
        canvas.FillRectangle(x, y, 2, 12, Rgba.Black);
        canvas.FillRectangle(x + length - 2, y, 2, 12, Rgba.Black);
        canvas.Text(x + length + 8, y, metres >= 1000 ? $"{Axis.Label(metres / 1000)} km" : $"{Axis.Label(metres)} m", Rgba.Black, scale);
    }
}
