namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// A rectangle of pixels: columns [X, Right), rows [Y, Bottom). May reach outside an image; <see cref="Intersect"/> brings it back in.
/// </summary>
public readonly record struct Window(int X, int Y, int Width, int Height)
{
    public int Right => X + Width;

    public int Bottom => Y + Height;

    public long PixelCount => (long)Math.Max(0, Width) * Math.Max(0, Height);

    public bool IsEmpty => Width <= 0 || Height <= 0;

    public bool Contains(int x, int y) => x >= X && x < Right && y >= Y && y < Bottom;

    public bool Contains(Window other) => other.X >= X && other.Y >= Y && other.Right <= Right && other.Bottom <= Bottom;

    /// <summary>The common part; empty (zero width and height) where there is none.</summary>
    public Window Intersect(Window other)
    {
        int x = Math.Max(X, other.X), y = Math.Max(Y, other.Y);
        int right = Math.Min(Right, other.Right), bottom = Math.Min(Bottom, other.Bottom);
        return right <= x || bottom <= y ? new Window(x, y, 0, 0) : new Window(x, y, right - x, bottom - y);
    }

    /// <summary>The window with <paramref name="marginPixels"/> more on each side.</summary>
    public Window Grow(int marginPixels) =>
        new(X - marginPixels, Y - marginPixels, Width + 2 * marginPixels, Height + 2 * marginPixels);

    /// <summary>The same pixels counted from another origin: the window seen from inside <paramref name="outer"/>.</summary>
    public Window RelativeTo(Window outer) => this with { X = X - outer.X, Y = Y - outer.Y };

    public override string ToString() => $"{Width}x{Height}+{X}+{Y}";
}
