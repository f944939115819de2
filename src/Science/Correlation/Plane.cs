using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// A float image with a frame of zeros (8 columns on the left, a whole vector and more on the right, a few rows above and below): stencils and vectors need no border case.
/// </summary>
internal sealed class Plane
{
    public const int Left = 8;

    /// <summary>Rows of the frame; no stencil reaches farther.</summary>
    public const int Above = 4;

    public Plane(int width, int height)
    {
        (Width, Height) = (width, height);
        Padded = (width + 7) / 8 * 8;
        Stride = Padded + 16;
        Data = new float[Stride * (height + 2 * Above)];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Width rounded up to whole vectors.</summary>
    public int Padded { get; }

    public int Stride { get; }

    public float[] Data { get; }

    public int At(int x, int y) => (y + Above) * Stride + Left + x;

    public Span<float> Row(int y) => Data.AsSpan(At(0, y), Width);

    public Span<float> PaddedRow(int y) => Data.AsSpan(At(0, y), Padded);

    public ref float Origin => ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(Data);

    public void Load(Raster<float> raster)
    {
        for (int y = 0; y < Height; y++)
            raster.Row(y).CopyTo(Row(y));
    }

    public void Copy(Plane plane) => plane.Data.CopyTo(Data, 0);

    public void Clear() => Array.Clear(Data);

    public void Store(Raster<float> raster)
    {
        for (int y = 0; y < Height; y++)
            Row(y).CopyTo(raster.Row(y));
    }
}
