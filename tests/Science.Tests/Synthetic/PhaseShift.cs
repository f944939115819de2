using System.Numerics;
using GdmOptEtq.Science.Rasters;
using MathNet.Numerics.IntegralTransforms;

namespace GdmOptEtq.Science.Tests.Synthetic;

/// <summary>Shift between two images from the slope of their Fourier phases: weighted least squares over low frequencies, which hold no aliases.</summary>
internal static class PhaseShift
{
    public static (double Dx, double Dy) Measure(Raster<ushort> a, Raster<ushort> b)
    {
        int n = a.Width;
        var fa = Transform(a);
        var fb = Transform(b);
        double guessX = 0, guessY = 0;
        for (int pass = 0; pass < 4; pass++)
        {
            double xx = 0, xy = 0, yy = 0, xr = 0, yr = 0;
            for (int v = -n / 4; v <= n / 4; v++)
            {
                for (int u = -n / 4; u <= n / 4; u++)
                {
                    int at = ((v + n) % n * n) + (u + n) % n;
                    double wx = 2 * Math.PI * u / n, wy = 2 * Math.PI * v / n;
                    var cross = fa[at] * Complex.Conjugate(fb[at]) * Complex.FromPolarCoordinates(1, -(wx * guessX + wy * guessY));

                    // Whitened by distance from zero frequency, so that the few strong long waves (and the window's leakage) do not decide alone.
                    double weight = Math.Pow(u * u + v * v, 1.5) * cross.Magnitude, phase = cross.Phase;
                    if (Math.Abs(phase) > 1)
                        continue;
                    xx += weight * wx * wx;
                    xy += weight * wx * wy;
                    yy += weight * wy * wy;
                    xr += weight * wx * phase;
                    yr += weight * wy * phase;
                }
            }

            double determinant = xx * yy - xy * xy;
            guessX += (xr * yy - yr * xy) / determinant;
            guessY += (yr * xx - xr * xy) / determinant;
        }

        return (guessX, guessY);
    }

    private static Complex[] Transform(Raster<ushort> image)
    {
        int n = image.Width;
        double mean = image.Pixels.Average(v => (double)v);
        var data = new Complex[n * n];
        for (int y = 0; y < n; y++)
        {
            for (int x = 0; x < n; x++)
            {
                double window = Hann(x, n) * Hann(y, n);
                data[y * n + x] = (image[x, y] - mean) * window;
            }
        }

        var line = new Complex[n];
        for (int y = 0; y < n; y++)
        {
            Array.Copy(data, y * n, line, 0, n);
            Fourier.Forward(line, FourierOptions.Matlab);
            Array.Copy(line, 0, data, y * n, n);
        }

        for (int x = 0; x < n; x++)
        {
            for (int y = 0; y < n; y++)
                line[y] = data[y * n + x];
            Fourier.Forward(line, FourierOptions.Matlab);
            for (int y = 0; y < n; y++)
                data[y * n + x] = line[y];
        }

        return data;
    }

    private static double Hann(int i, int n) => 0.5 - 0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / n);
}
