using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Products.Drawing;

/// <summary>How a series is drawn.</summary>
public enum SeriesStyle
{
    Line,
    Points,
    LineAndPoints,
}

/// <summary>One series of a chart; a NaN breaks the line.</summary>
public sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, SeriesStyle Style = SeriesStyle.Line, Rgba? Colour = null);

/// <summary>A chart of lines and points with axes, grid, labels and legend.</summary>
public sealed record Chart
{
    public string Title { get; init; } = "";

    /// <summary>Label of the x axis, with unit: "Distance from the fault [km]".</summary>
    public string XLabel { get; init; } = "";

    /// <summary>Label of the y axis, with unit.</summary>
    public string YLabel { get; init; } = "";

    /// <summary>Lower and upper end of the x axis; null: from the data.</summary>
    public (double Minimum, double Maximum)? XRange { get; init; }

    /// <summary>Lower and upper end of the y axis; null: from the data.</summary>
    public (double Minimum, double Maximum)? YRange { get; init; }

    public IReadOnlyList<Series> Series { get; init; } = [];

    /// <summary>Draws the chart.</summary>
    public Canvas Draw(int width = 900, int height = 600)
    {
        const int Scale = 2;
        const int Line = BitmapFont.LineDots * Scale;
        var canvas = new Canvas(width, height, Rgba.White);
        var x = Range(XRange, Series.SelectMany(series => series.X));
        var y = Range(YRange, Series.SelectMany(series => series.Y));
        var xTicks = Axis.Ticks(x.Minimum, x.Maximum, Math.Max(3, width / 130));
        var yTicks = Axis.Ticks(y.Minimum, y.Maximum, Math.Max(3, height / 90));
        int left = yTicks.Max(tick => BitmapFont.Width(Axis.Label(tick), Scale)) + 16 + (YLabel.Length > 0 ? Line + 4 : 0);
        int top = Title.Length > 0 ? Line + 16 : 14;
        int bottom = height - 8 - Line - (XLabel.Length > 0 ? Line + 4 : 0);
        var plot = new Window(left, top, width - left - 24, bottom - top);
        double Column(double value) => plot.X + (value - x.Minimum) / (x.Maximum - x.Minimum) * plot.Width;
        double Row(double value) => plot.Bottom - (value - y.Minimum) / (y.Maximum - y.Minimum) * plot.Height;

        foreach (double tick in xTicks)
        {
            int column = (int)Math.Round(Column(tick));
            canvas.FillRectangle(column, plot.Y, 1, plot.Height, Rgba.Grey(tick == 0 ? (byte)150 : (byte)225));
            canvas.FillRectangle(column, plot.Bottom, 1, 6, Rgba.Grey(60));
            canvas.Text(column, plot.Bottom + 10, Axis.Label(tick), Rgba.Grey(40), Scale, TextAnchor.Middle);
        }

        foreach (double tick in yTicks)
        {
            int row = (int)Math.Round(Row(tick));
            canvas.FillRectangle(plot.X, row, plot.Width, 1, Rgba.Grey(tick == 0 ? (byte)150 : (byte)225));
            canvas.FillRectangle(plot.X - 6, row, 6, 1, Rgba.Grey(60));
            canvas.Text(plot.X - 10, row - BitmapFont.AscentDots * Scale / 2, Axis.Label(tick), Rgba.Grey(40), Scale, TextAnchor.End);
        }

        for (int i = 0; i < Series.Count; i++)
            DrawSeries(canvas, Series[i], Series[i].Colour ?? ColourMap.Categories[i % ColourMap.Categories.Count], plot, Column, Row);
        canvas.Rectangle(plot.X, plot.Y, plot.Width + 1, plot.Height + 1, Rgba.Grey(60));
        canvas.Text(plot.X + plot.Width / 2, 10, Title, Rgba.Black, Scale, TextAnchor.Middle);
        canvas.Text(plot.X + plot.Width / 2, height - Line - 2, XLabel, Rgba.Black, Scale, TextAnchor.Middle);
        canvas.Text(6, plot.Y + plot.Height / 2, YLabel, Rgba.Black, Scale, TextAnchor.Middle, upwards: true);
        DrawLegend(canvas, plot, Scale, Column, Row);
        return canvas;
    }

    public void SavePng(string path, int width = 900, int height = 600) => Draw(width, height).SavePng(path);

    private static void DrawSeries(Canvas canvas, Series series, Rgba colour, Window plot, Func<double, double> column, Func<double, double> row)
    {
        int count = Math.Min(series.X.Count, series.Y.Count);
        for (int i = 0; i < count; i++)
        {
            if (series.Style != SeriesStyle.Points && i > 0)
                canvas.Line(column(series.X[i - 1]), row(series.Y[i - 1]), column(series.X[i]), row(series.Y[i]), colour, 2, plot);
            if (series.Style != SeriesStyle.Line)
                canvas.Dot(column(series.X[i]), row(series.Y[i]), 3.5, colour, plot);
        }
    }

    private void DrawLegend(Canvas canvas, Window plot, int scale, Func<double, double> column, Func<double, double> row)
    {
        var named = Series.Where(series => series.Name.Length > 0).ToList();
        if (named.Count == 0)
            return;
        int line = BitmapFont.LineDots * scale, width = named.Max(series => BitmapFont.Width(series.Name, scale)) + 50, height = named.Count * line + 10;
        // In the corner that hides the fewest points.
        int Hidden((int X, int Y) corner) => Series.Sum(series => series.X.Zip(series.Y).Count(point =>
            column(point.First) > corner.X - 6 && column(point.First) < corner.X + width + 6 && row(point.Second) > corner.Y - 6 && row(point.Second) < corner.Y + height + 6));
        int left = plot.X + 10, right = plot.Right - width - 10, top = plot.Y + 10, bottom = plot.Bottom - height - 10;
        var (x, y) = new[] { (X: right, Y: top), (X: left, Y: top), (X: right, Y: bottom), (X: left, Y: bottom) }.MinBy(Hidden);
        canvas.FillRectangle(x, y, width, height, new Rgba(255, 255, 255, 225));
        canvas.Rectangle(x, y, width, height, Rgba.Grey(170));
        for (int i = 0; i < named.Count; i++)
        {
            var colour = named[i].Colour ?? ColourMap.Categories[Series.ToList().IndexOf(named[i]) % ColourMap.Categories.Count];
            double middle = y + 6 + i * line + BitmapFont.AscentDots * scale / 2.0;
            if (named[i].Style != SeriesStyle.Points)
                canvas.Line(x + 8, middle, x + 32, middle, colour, 2);
            if (named[i].Style != SeriesStyle.Line)
                canvas.Dot(x + 20, middle, 3.5, colour);
            canvas.Text(x + 42, y + 6 + i * line, named[i].Name, Rgba.Black, scale);
        }
    }

    // A margin of 4 % keeps the extremes off the frame; one single value gets a unit of room.
    private static (double Minimum, double Maximum) Range((double Minimum, double Maximum)? given, IEnumerable<double> values)
    {
        if (given is { } range)
            return range;
        double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
        foreach (double value in values.Where(double.IsFinite))
            (minimum, maximum) = (Math.Min(minimum, value), Math.Max(maximum, value));
        if (minimum > maximum)
            return (0, 1);
        double margin = maximum > minimum ? 0.04 * (maximum - minimum) : 0.5;
        return (minimum - margin, maximum + margin);
    }
}
