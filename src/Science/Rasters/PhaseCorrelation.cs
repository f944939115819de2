using System.Numerics;
using MathNet.Numerics.IntegralTransforms;

namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// Shift of one square window by the phase of its cross-spectrum (Kuglin and Hines 1975), to sub-pixel precision by fitting the plane of the phase over
/// the low frequencies (Hoge 2003; Leprince et al. 2007). The yardstick that other matchers are held against; slow, and blind to detail below its window.
/// </summary>
public static class PhaseCorrelation
{
    // Cycles per pixel: beyond it the modulation transfer of the instrument leaves little but noise.
    private const double HighestFrequency = 0.35;

    /// <summary>Displacement of the window of <paramref name="size"/> pixels at (<paramref name="x"/>, <paramref name="y"/>), pixels, East and South positive; null where the moved window leaves the image or has no texture.</summary>
    public static (double Dx, double Dy)? Shift(Raster<float> reference, Raster<float> secondary, int x, int y, int size)
    {
        var taper = Hann(size);
        if (Spectrum(reference, x, y, size, taper) is not { } first)
            return null;
        int wholeX = 0, wholeY = 0;
        // Once to find the whole pixels, again on the window moved by them, where both windows hold the same ground.
        for (int pass = 0; pass < 3; pass++)
        {
            if (Spectrum(secondary, x + wholeX, y + wholeY, size, taper) is not { } second)
                return null;
            var cross = new Complex[size * size];
            for (int i = 0; i < cross.Length; i++)
            {
                var product = first[i] * Complex.Conjugate(second[i]);
                double magnitude = product.Magnitude;
                cross[i] = magnitude > 0 ? product / magnitude : 0;
            }

            var (peakX, peakY) = Peak(cross, size);
            if ((peakX == 0 && peakY == 0) || pass == 2)
            {
                var (dx, dy) = FitPlane(cross, size, peakX, peakY);
                return (wholeX + dx, wholeY + dy);
            }

            wholeX += peakX;
            wholeY += peakY;
        }

        return null;
    }

    private static double[] Hann(int size)
    {
        var taper = new double[size];
        for (int i = 0; i < size; i++)
            taper[i] = 0.5 - 0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / size);
        return taper;
    }

    private static Complex[]? Spectrum(Raster<float> image, int x, int y, int size, double[] taper)
    {
        if (!image.Bounds.Contains(new Window(x, y, size, size)))
            return null;
        double sum = 0, squares = 0;
        for (int row = 0; row < size; row++)
        {
            foreach (float value in image.Row(y + row).Slice(x, size))
            {
                sum += value;
                squares += (double)value * value;
            }
        }

        double mean = sum / (size * size), variance = squares / (size * size) - mean * mean;
        if (!(variance > 1e-12 * mean * mean) || !double.IsFinite(variance))
            return null;
        var spectrum = new Complex[size * size];
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++)
                spectrum[row * size + column] = (image[x + column, y + row] - mean) * taper[row] * taper[column];
        }

        Transform(spectrum, size, inverse: false);
        return spectrum;
    }

    private static void Transform(Complex[] samples, int size, bool inverse)
    {
        var line = new Complex[size];
        for (int direction = 0; direction < 2; direction++)
        {
            (int step, int next) = direction == 0 ? (1, size) : (size, 1);
            for (int i = 0; i < size; i++)
            {
                for (int k = 0; k < size; k++)
                    line[k] = samples[i * next + k * step];
                if (inverse)
                    Fourier.Inverse(line, FourierOptions.Matlab);
                else
                    Fourier.Forward(line, FourierOptions.Matlab);
                for (int k = 0; k < size; k++)
                    samples[i * next + k * step] = line[k];
            }
        }
    }

    private static double Frequency(int index, int size) => (index < (size + 1) / 2 ? index : index - size) / (double)size;

    private static (int X, int Y) Peak(Complex[] cross, int size)
    {
        var surface = (Complex[])cross.Clone();
        for (int i = 0; i < surface.Length; i++)
        {
            double fx = Frequency(i % size, size), fy = Frequency(i / size, size);
            // A smooth end of the band keeps the peak free of ripples.
            double f = Math.Sqrt(fx * fx + fy * fy) / HighestFrequency;
            surface[i] = f < 1 ? Complex.Conjugate(cross[i]) * (0.5 + 0.5 * Math.Cos(Math.PI * f)) : 0;
        }

        Transform(surface, size, inverse: true);
        int best = 0;
        for (int i = 1; i < surface.Length; i++)
        {
            if (surface[i].Real > surface[best].Real)
                best = i;
        }

        int x = best % size, y = best / size;
        return (x > size / 2 ? x - size : x, y > size / 2 ? y - size : y);
    }

    // Phase of the cross-spectrum of a shift d: 2 pi (fx dx + fy dy). Weighted Gauss-Newton on the wrapped remainder.
    private static (double Dx, double Dy) FitPlane(Complex[] cross, int size, double dx, double dy)
    {
        for (int iteration = 0; iteration < 12; iteration++)
        {
            double xx = 0, yy = 0, xy = 0, bx = 0, by = 0;
            for (int i = 1; i < cross.Length; i++)
            {
                double fx = Frequency(i % size, size), fy = Frequency(i / size, size);
                if (fx * fx + fy * fy > HighestFrequency * HighestFrequency || cross[i] == 0)
                    continue;
                double gx = 2 * Math.PI * fx, gy = 2 * Math.PI * fy;
                double remainder = (cross[i] * Complex.FromPolarCoordinates(1, -(gx * dx + gy * dy))).Phase;
                double share = remainder / Math.PI, weight = (1 - share * share) * (1 - share * share);
                xx += weight * gx * gx;
                yy += weight * gy * gy;
                xy += weight * gx * gy;
                bx += weight * gx * remainder;
                by += weight * gy * remainder;
            }

            double determinant = xx * yy - xy * xy;
            if (determinant <= 1e-9 * xx * yy)
                break;
            dx += (yy * bx - xy * by) / determinant;
            dy += (xx * by - xy * bx) / determinant;
        }

        return (dx, dy);
    }
}
