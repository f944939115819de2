using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Correlation;

/// <summary>A band-limited texture given by a formula: many plane waves of random direction, so that it can be read exactly at any place.</summary>
internal sealed class MovingGround
{
    private readonly (double Kx, double Ky, double Amplitude, double Phase)[] waves;

    public MovingGround(int seed, int count = 60)
    {
        var random = new Random(seed);
        waves = new (double, double, double, double)[count];
        for (int i = 0; i < count; i++)
        {
            double period = 3.5 * Math.Pow(12, random.NextDouble()), angle = random.NextDouble() * Math.Tau;
            waves[i] = (Math.Cos(angle) * Math.Tau / period, Math.Sin(angle) * Math.Tau / period, Math.Pow(period, 0.8), random.NextDouble() * Math.Tau);
        }
    }

    public double At(double x, double y)
    {
        double sum = 0;
        foreach (var (kx, ky, amplitude, phase) in waves)
            sum += amplitude * Math.Cos(kx * x + ky * y + phase);
        return 1000 + 4 * sum;
    }

    /// <summary>Reference and secondary with I_ref(p) = I_sec(p + d(p)): the secondary is the ground read at p - d, with d given where the ground arrives.</summary>
    public MatchInput Pair(int width, int height, Func<double, double, (double Dx, double Dy)> displacement, double noise = 1, int seed = 7)
    {
        var random = new Random(seed);
        Raster<float> reference = new(width, height), secondary = new(width, height);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                var (dx, dy) = displacement(x, y);
                reference[x, y] = (float)(At(x, y) + noise * Gauss(random));
                secondary[x, y] = (float)(1.03 * At(x - dx, y - dy) + 20 + noise * Gauss(random));
            }

        return MatchInput.AllValid(reference, secondary);
    }

    public static double Gauss(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());

    public static double Rms(Raster<float> values, double truth, int margin)
    {
        double sum = 0;
        int count = 0;
        for (int y = margin; y < values.Height - margin; y++)
            for (int x = margin; x < values.Width - margin; x++, count++)
                sum += (values[x, y] - truth) * (values[x, y] - truth);
        return Math.Sqrt(sum / count);
    }
}
