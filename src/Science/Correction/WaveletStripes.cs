using System.Numerics;
using GdmOptEtq.Science.Rasters;
using MathNet.Numerics.IntegralTransforms;

namespace GdmOptEtq.Science.Correction;

/// <summary>
/// Directional wavelet-FFT filter (Münch et al. 2009, Opt. Express 17, 8567): in the track frame the stripes lie along the rows, so they live in the
/// detail sub-bands that are low-passed along the row and high-passed down the column, at row frequencies near zero; a Gaussian notch takes them out at
/// the levels of the jitter. The difference to the input is the correction.
/// </summary>
internal static class WaveletStripes
{
    private const int FirstLevel = 3;
    private const double NotchWidth = 2;

    /// <summary>The stripes of one group on the coarse grid. Pixels of other groups are replaced by the row medians of this one.</summary>
    /// <param name="belongs">Whether a pixel is of the group.</param>
    /// <param name="maximumWavelength">Longest wavelength, coarse pixels: sets the last level, which covers 2^j to 2^(j+1) pixels.</param>
    public static Raster<float>? Estimate(Raster<float> field, TrackBins bins, TrackFrame frame, Func<int, bool> belongs, double maximumWavelength)
    {
        var pixels = Enumerable.Range(0, field.Pixels.Length).Where(i => float.IsFinite(field.Pixels[i]) && belongs(i)).ToArray();
        if (pixels.Length == 0)
            return null;
        var medians = bins.Profile(field, pixels, 1);
        if (!CommonModeJitter.FillGaps(medians))
            return null;
        int levels = Math.Max(FirstLevel, (int)Math.Ceiling(Math.Log2(maximumWavelength)) - 1);
        float leastAcross = bins.Across.Pixels.Min();
        int width = (int)(bins.Across.Pixels.Max() - leastAcross) + 2, height = bins.Count;
        var rotated = Rotate(field, frame, belongs, medians, bins, width, height, leastAcross);
        var stripes = Filter(rotated, levels);
        var result = new Raster<float>(field.Width, field.Height);
        for (int y = 0; y < field.Height; y++)
        {
            for (int x = 0; x < field.Width; x++)
            {
                var (along, _) = frame.Of(x + 0.5, y + 0.5);
                result[x, y] = Bilinear(stripes, bins.Across[x, y] - leastAcross, along - bins.Start / bins.Step);
            }
        }

        return result;
    }

    private static Raster<float> Rotate(
        Raster<float> field, TrackFrame frame, Func<int, bool> belongs, float[] medians, TrackBins bins, int width, int height, float leastAcross)
    {
        var rotated = new Raster<float>(width, height);
        var (sin, cos) = Math.SinCos(frame.AngleDegrees * Math.PI / 180);
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                double along = row + bins.Start / bins.Step, across = column + leastAcross;
                int x = (int)Math.Floor(across * cos - along * sin), y = (int)Math.Floor(across * sin + along * cos);
                bool known = x >= 0 && y >= 0 && x < field.Width && y < field.Height && belongs(y * field.Width + x) && float.IsFinite(field[x, y]);
                rotated[column, row] = known ? field[x, y] : medians[row];
            }
        }

        return rotated;
    }

    /// <summary>What the notch takes out.</summary>
    private static Raster<float> Filter(Raster<float> input, int levels)
    {
        var wavelet = Wavelet.Daubechies8;
        int margin = wavelet.Length << levels, unit = 1 << levels;
        int width = (input.Width + 2 * margin + unit - 1) / unit * unit, height = (input.Height + 2 * margin + unit - 1) / unit * unit;
        var image = new double[width * height];
        for (int y = 0; y < height; y++)
        {
            var row = input.Row(Wavelet.Reflect(y - margin, input.Height));
            for (int x = 0; x < width; x++)
                image[y * width + x] = row[Wavelet.Reflect(x - margin, input.Width)];
        }

        for (int level = 0; level < levels; level++)
            Transform(image, width, width >> level, height >> level, wavelet, forward: true);

        // Keep of the stripe band what the notch removes, clear all else: the inverse is then the correction itself.
        var kept = new double[image.Length];
        for (int level = FirstLevel; level <= levels; level++)
        {
            int w = width >> level, h = height >> level;
            for (int y = h; y < 2 * h; y++)
                KeepStripes(image.AsSpan(y * width, w), kept.AsSpan(y * width, w));
        }

        for (int level = levels - 1; level >= 0; level--)
            Transform(kept, width, width >> level, height >> level, wavelet, forward: false);
        var stripes = new Raster<float>(input.Width, input.Height);
        for (int y = 0; y < input.Height; y++)
        {
            for (int x = 0; x < input.Width; x++)
                stripes[x, y] = (float)kept[(y + margin) * width + x + margin];
        }

        return stripes;
    }

    private static void KeepStripes(ReadOnlySpan<double> detail, Span<double> kept)
    {
        var spectrum = new Complex[detail.Length];
        for (int i = 0; i < spectrum.Length; i++)
            spectrum[i] = detail[i];
        Fourier.Forward(spectrum);
        for (int i = 0; i < spectrum.Length; i++)
        {
            double frequency = Math.Min(i, spectrum.Length - i);
            spectrum[i] *= Math.Exp(-frequency * frequency / (2 * NotchWidth * NotchWidth));
        }

        Fourier.Inverse(spectrum);
        for (int i = 0; i < spectrum.Length; i++)
            kept[i] = spectrum[i].Real;
    }

    /// <summary>One level of the separable transform of the upper left part, in place.</summary>
    private static void Transform(double[] image, int stride, int width, int height, Wavelet wavelet, bool forward)
    {
        var (from, to) = (new double[Math.Max(width, height)], new double[Math.Max(width, height)]);
        for (int y = 0; y < height; y++)
        {
            var row = image.AsSpan(y * stride, width);
            row.CopyTo(from);
            Line(from.AsSpan(0, width), to.AsSpan(0, width));
            to.AsSpan(0, width).CopyTo(row);
        }

        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < height; y++)
                from[y] = image[y * stride + x];
            Line(from.AsSpan(0, height), to.AsSpan(0, height));
            for (int y = 0; y < height; y++)
                image[y * stride + x] = to[y];
        }

        void Line(Span<double> input, Span<double> output)
        {
            if (forward)
                wavelet.Forward(input, output);
            else
                wavelet.Inverse(input, output);
        }
    }

    private static float Bilinear(Raster<float> raster, double column, double row)
    {
        int x = Math.Clamp((int)column, 0, raster.Width - 2), y = Math.Clamp((int)row, 0, raster.Height - 2);
        double fx = Math.Clamp(column - x, 0, 1), fy = Math.Clamp(row - y, 0, 1);
        return (float)((1 - fy) * ((1 - fx) * raster[x, y] + fx * raster[x + 1, y]) + fy * ((1 - fx) * raster[x, y + 1] + fx * raster[x + 1, y + 1]));
    }
}
