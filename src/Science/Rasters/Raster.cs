using System.Runtime.InteropServices;

namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// One band in memory, row after row from the North: pixel (x, y) is <c>Pixels[y * Width + x]</c>, x to the East, y to the South.
/// </summary>
public sealed class Raster<T>
    where T : unmanaged
{
    public Raster(int width, int height)
        : this(width, height, new T[checked(width * height)])
    {
    }

    public Raster(int width, int height, T[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        if (pixels.Length != (long)width * height)
            throw new ArgumentException($"{pixels.Length} pixels do not make a raster of {width} x {height}.", nameof(pixels));
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    public int Width { get; }

    public int Height { get; }

    public T[] Pixels { get; }

    public Window Bounds => new(0, 0, Width, Height);

    public ref T this[int x, int y] => ref Pixels[y * Width + x];

    public Span<T> Row(int y) => Pixels.AsSpan(y * Width, Width);

    /// <summary>The pixels seen as bytes, for hashing and for files.</summary>
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(Pixels.AsSpan());

    public Raster<T> Fill(T value)
    {
        Pixels.AsSpan().Fill(value);
        return this;
    }

    public Raster<T> Clone() => new(Width, Height, (T[])Pixels.Clone());

    /// <summary>A copy of the part under <paramref name="window"/>, which must lie inside.</summary>
    public Raster<T> Crop(Window window)
    {
        if (!Bounds.Contains(window))
            throw new ArgumentOutOfRangeException(nameof(window), $"Window {window} is not inside a raster of {Width} x {Height}.");
        var part = new Raster<T>(window.Width, window.Height);
        for (int y = 0; y < window.Height; y++)
            Row(window.Y + y).Slice(window.X, window.Width).CopyTo(part.Row(y));
        return part;
    }

    /// <summary>Copies the pixels under <paramref name="from"/> of <paramref name="source"/> to (<paramref name="toX"/>, <paramref name="toY"/>).</summary>
    public void Paste(Raster<T> source, Window from, int toX, int toY)
    {
        for (int y = 0; y < from.Height; y++)
            source.Row(from.Y + y).Slice(from.X, from.Width).CopyTo(Row(toY + y).Slice(toX, from.Width));
    }
}
