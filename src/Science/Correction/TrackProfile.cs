using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>A correction that depends on the position along the track only: samples <paramref name="Step"/> full pixels apart, from <paramref name="Start"/> on.</summary>
public sealed record TrackProfile(double Start, double Step, float[] Dx, float[] Dy)
{
    /// <summary>Catmull-Rom interpolation; the end values go on outside.</summary>
    public static double At(float[] samples, double position)
    {
        if (samples.Length == 0)
            return 0;
        int i = (int)Math.Floor(position);
        double t = position - i;
        double p0 = Sample(samples, i - 1), p1 = Sample(samples, i), p2 = Sample(samples, i + 1), p3 = Sample(samples, i + 2);
        return p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
    }

    private static double Sample(float[] samples, int i) => samples[Math.Clamp(i, 0, samples.Length - 1)];

    internal static double Rms(float[] samples) => samples.Length == 0 ? 0 : Math.Sqrt(samples.Sum(v => (double)v * v) / samples.Length);
}

/// <summary>The coarse grid seen in the track frame: bin of every pixel along the track, one coarse pixel long.</summary>
internal sealed class TrackBins
{
    public TrackBins(TrackFrame frame, int width, int height, int factor)
    {
        double[] along = [frame.Of(0, 0).Along, frame.Of(width, 0).Along, frame.Of(0, height).Along, frame.Of(width, height).Along];
        double start = Math.Floor(along.Min());
        Count = (int)Math.Ceiling(along.Max() - start) + 1;
        Start = (start + 0.5) * factor;
        Step = factor;
        Bin = new Raster<short>(width, height);
        Across = new Raster<float>(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                var (s, c) = frame.Of(x + 0.5, y + 0.5);
                Bin[x, y] = (short)(s - start);
                Across[x, y] = (float)c;
            }
        }
    }

    /// <summary>Position of the centre of the first bin, full pixels.</summary>
    public double Start { get; }

    /// <summary>Length of a bin, full pixels.</summary>
    public double Step { get; }

    public int Count { get; }

    public Raster<short> Bin { get; }

    /// <summary>Position across the track, coarse pixels.</summary>
    public Raster<float> Across { get; }

    /// <summary>Median (or mean) of the listed pixels per bin; NaN with fewer than <paramref name="minimum"/>.</summary>
    public float[] Profile(Raster<float> field, IReadOnlyList<int> pixels, int minimum, bool mean = false)
    {
        var ends = new int[Count + 1];
        foreach (int i in pixels)
            ends[Bin.Pixels[i] + 1]++;
        for (int bin = 0; bin < Count; bin++)
            ends[bin + 1] += ends[bin];
        var sorted = new float[pixels.Count];
        var next = (int[])ends.Clone();
        foreach (int i in pixels)
            sorted[next[Bin.Pixels[i]]++] = field.Pixels[i];
        var profile = new float[Count];
        for (int bin = 0; bin < Count; bin++)
        {
            var values = sorted.AsSpan(ends[bin]..ends[bin + 1]);
            if (values.Length < minimum)
            {
                profile[bin] = float.NaN;
            }
            else if (mean)
            {
                double sum = 0;
                foreach (float value in values)
                    sum += value;
                profile[bin] = (float)(sum / values.Length);
            }
            else
            {
                profile[bin] = (float)OrderStatistics.Median(values);
            }
        }

        return profile;
    }
}
