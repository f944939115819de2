using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Products.Drawing;

/// <summary>Where the given point lies along the text.</summary>
public enum TextAnchor
{
    Start,
    Middle,
    End,
}

/// <summary>An RGBA picture to draw on; (0, 0) is the upper left pixel, and a pixel's centre lies at +0.5. What lies outside is cut off.</summary>
public sealed class Canvas
{
    private readonly byte[] _pixels;

    public Canvas(int width, int height, Rgba background = default)
    {
        Width = width;
        Height = height;
        _pixels = new byte[checked(width * height * 4)];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                Set(x, y, background);
        }
    }

    public int Width { get; }

    public int Height { get; }

    public Rgba this[int x, int y]
    {
        get
        {
            int i = (y * Width + x) * 4;
            return new Rgba(_pixels[i], _pixels[i + 1], _pixels[i + 2], _pixels[i + 3]);
        }
    }

    /// <summary>Replaces a pixel, alpha too.</summary>
    public void Set(int x, int y, Rgba colour)
    {
        if ((uint)x >= (uint)Width || (uint)y >= (uint)Height)
            return;
        int i = (y * Width + x) * 4;
        (_pixels[i], _pixels[i + 1], _pixels[i + 2], _pixels[i + 3]) = (colour.Red, colour.Green, colour.Blue, colour.Alpha);
    }

    /// <summary>Lays a colour over a pixel; <paramref name="coverage"/> in [0, 1] multiplies its alpha.</summary>
    public void Blend(int x, int y, Rgba colour, double coverage = 1)
    {
        if ((uint)x >= (uint)Width || (uint)y >= (uint)Height || coverage <= 0)
            return;
        Rgba below = this[x, y];
        double over = colour.Alpha / 255.0 * Math.Min(1, coverage), under = below.Alpha / 255.0 * (1 - over), alpha = over + under;
        if (alpha <= 0)
            return;
        byte Mix(byte top, byte bottom) => (byte)Math.Round((top * over + bottom * under) / alpha);
        Set(x, y, new Rgba(Mix(colour.Red, below.Red), Mix(colour.Green, below.Green), Mix(colour.Blue, below.Blue), (byte)Math.Round(255 * alpha)));
    }

    public void FillRectangle(int x, int y, int width, int height, Rgba colour)
    {
        for (int row = Math.Max(0, y); row < Math.Min(Height, y + height); row++)
        {
            for (int column = Math.Max(0, x); column < Math.Min(Width, x + width); column++)
                Blend(column, row, colour);
        }
    }

    /// <summary>The outline of a rectangle, one pixel wide, inside it.</summary>
    public void Rectangle(int x, int y, int width, int height, Rgba colour)
    {
        FillRectangle(x, y, width, 1, colour);
        FillRectangle(x, y + height - 1, width, 1, colour);
        FillRectangle(x, y + 1, 1, height - 2, colour);
        FillRectangle(x + width - 1, y + 1, 1, height - 2, colour);
    }

    /// <summary>A smooth line between two points.</summary>
    public void Line(double x0, double y0, double x1, double y1, Rgba colour, double widthPixels = 1, Window? clip = null)
    {
        if (!double.IsFinite(x0 + y0 + x1 + y1))
            return;
        double reach = widthPixels / 2 + 1, dx = x1 - x0, dy = y1 - y0, squaredLength = dx * dx + dy * dy;
        Window area = new Window(0, 0, Width, Height).Intersect(clip ?? new Window(0, 0, Width, Height));
        int first = (int)Math.Clamp(Math.Floor(Math.Min(y0, y1) - reach), area.Y, area.Bottom), last = (int)Math.Clamp(Math.Ceiling(Math.Max(y0, y1) + reach), area.Y, area.Bottom);
        int left = (int)Math.Clamp(Math.Floor(Math.Min(x0, x1) - reach), area.X, area.Right), right = (int)Math.Clamp(Math.Ceiling(Math.Max(x0, x1) + reach), area.X, area.Right);
        for (int y = first; y < last; y++)
        {
            for (int x = left; x < right; x++)
            {
                double px = x + 0.5 - x0, py = y + 0.5 - y0;
                double along = squaredLength == 0 ? 0 : Math.Clamp((px * dx + py * dy) / squaredLength, 0, 1);
                double distance = Math.Sqrt(Math.Pow(px - along * dx, 2) + Math.Pow(py - along * dy, 2));
                Blend(x, y, colour, Math.Clamp(widthPixels / 2 + 0.5 - distance, 0, 1));
            }
        }
    }

    /// <summary>A filled disc.</summary>
    public void Dot(double x, double y, double radiusPixels, Rgba colour, Window? clip = null) => Line(x, y, x, y, colour, 2 * radiusPixels, clip);

    /// <summary>A line of text; (<paramref name="x"/>, <paramref name="y"/>) is the upper edge of its capitals at the anchor.</summary>
    /// <param name="scale">Pixels per dot of <see cref="BitmapFont"/>.</param>
    /// <param name="upwards">Turned by 90 degrees, read from below: x is then the left edge of the capitals, and the anchor counts along y.</param>
    public void Text(int x, int y, string text, Rgba colour, int scale = 1, TextAnchor anchor = TextAnchor.Start, bool upwards = false)
    {
        int back = anchor switch { TextAnchor.Start => 0, TextAnchor.Middle => BitmapFont.Width(text, scale) / 2, _ => BitmapFont.Width(text, scale) };
        for (int i = 0; i < text.Length; i++)
        {
            for (int row = 0; row < BitmapFont.LineDots; row++)
            {
                for (int column = 0; column < BitmapFont.AdvanceDots; column++)
                {
                    if (!BitmapFont.Dot(text[i], column, row))
                        continue;
                    int along = (i * BitmapFont.AdvanceDots + column) * scale - back, across = row * scale;
                    if (upwards)
                        FillRectangle(x + across, y - along - scale, scale, scale, colour);
                    else
                        FillRectangle(x + along, y + across, scale, scale, colour);
                }
            }
        }
    }

    /// <summary>Copies a picture, alpha too, with its upper left pixel to (<paramref name="toX"/>, <paramref name="toY"/>).</summary>
    public void Paste(Canvas source, int toX, int toY)
    {
        for (int y = 0; y < source.Height; y++)
        {
            for (int x = 0; x < source.Width; x++)
                Set(toX + x, toY + y, source[x, y]);
        }
    }

    /// <summary>Writes the picture as PNG with alpha; the file appears whole or not at all.</summary>
    public void SavePng(string path)
    {
        var bands = new Raster<byte>[4];
        for (int band = 0; band < 4; band++)
        {
            bands[band] = new Raster<byte>(Width, Height);
            for (int i = 0; i < Width * Height; i++)
                bands[band].Pixels[i] = _pixels[i * 4 + band];
        }

        RasterCopy.WritePng(path, bands);
    }
}
