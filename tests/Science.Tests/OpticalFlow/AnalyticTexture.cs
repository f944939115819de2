using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.OpticalFlow;

/// <summary>A band-limited texture known everywhere as a formula, so that a shifted image has no interpolation error at all.</summary>
internal sealed class AnalyticTexture
{
    private readonly (double Fx, double Fy, double Phase, double Amplitude)[] waves;

    public AnalyticTexture(int seed, int count = 32, double highestFrequency = 0.25)
    {
        var random = new Random(seed);
        waves = new (double, double, double, double)[count];
        for (int i = 0; i < count; i++)
        {
            double frequency = 0.02 + (highestFrequency - 0.02) * random.NextDouble(), angle = 2 * Math.PI * random.NextDouble();
            waves[i] = (frequency * Math.Cos(angle), frequency * Math.Sin(angle), 2 * Math.PI * random.NextDouble(), 0.04 / frequency);
        }
    }

    public double At(double x, double y)
    {
        double sum = 0;
        foreach (var (fx, fy, phase, amplitude) in waves)
            sum += amplitude * Math.Cos(2 * Math.PI * (fx * x + fy * y) + phase);
        return 1000 + 100 * sum;
    }

    public Raster<float> Image(int width, int height, Func<int, int, (double Dx, double Dy)>? displacement = null, double noise = 0, int seed = 1)
    {
        var random = new Random(seed);
        var image = new Raster<float>(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                var (dx, dy) = displacement?.Invoke(x, y) ?? (0, 0);
                double gauss = noise == 0 ? 0 : Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                image[x, y] = (float)(At(x - dx, y - dy) + noise * gauss);
            }
        }

        return image;
    }
}
