using System.Runtime.InteropServices;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// A smooth surface on the coarse grid, as half-precision bytes so that it stays small in JSON (error below 0.0001 pixel at 0.1 pixel); read between
/// the samples with cubic convolution (Keys 1981).
/// </summary>
public sealed record CoarseSurface(int Width, int Height, int Factor, byte[] HalvesDx, byte[] HalvesDy)
{
    private Raster<float>? dx;
    private Raster<float>? dy;

    public static CoarseSurface From(Raster<float> dx, Raster<float> dy, int factor) => new(dx.Width, dx.Height, factor, Pack(dx), Pack(dy));

    internal void AddTo(float[] line, int lineStart, int from, int to, int y, bool south)
    {
        var samples = south ? dy ??= Unpack(HalvesDy) : dx ??= Unpack(HalvesDx);
        Span<double> weightsY = stackalloc double[4];
        Span<double> weightsX = stackalloc double[4];
        int y0 = Weights((y + 0.5) / Factor - 0.5, weightsY);
        for (int x = from; x < to; x++)
        {
            int x0 = Weights((x + 0.5) / Factor - 0.5, weightsX);
            double sum = 0;
            for (int j = 0; j < 4; j++)
            {
                var row = samples.Row(Math.Clamp(y0 + j, 0, Height - 1));
                for (int i = 0; i < 4; i++)
                    sum += weightsY[j] * weightsX[i] * row[Math.Clamp(x0 + i, 0, Width - 1)];
            }

            line[x - lineStart] += (float)sum;
        }
    }

    private static int Weights(double position, Span<double> weights)
    {
        double floor = Math.Floor(position), t = position - floor;
        weights[0] = 0.5 * t * (-1 + t * (2 - t));
        weights[1] = 1 + 0.5 * t * t * (-5 + 3 * t);
        weights[2] = 0.5 * t * (1 + t * (4 - 3 * t));
        weights[3] = 0.5 * t * t * (t - 1);
        return (int)floor - 1;
    }

    private static byte[] Pack(Raster<float> surface)
    {
        var halves = new Half[surface.Pixels.Length];
        for (int i = 0; i < halves.Length; i++)
            halves[i] = (Half)surface.Pixels[i];
        return MemoryMarshal.AsBytes(halves.AsSpan()).ToArray();
    }

    private Raster<float> Unpack(byte[] bytes)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(bytes);
        var surface = new Raster<float>(Width, Height);
        for (int i = 0; i < halves.Length; i++)
            surface.Pixels[i] = (float)halves[i];
        return surface;
    }
}
