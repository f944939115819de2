using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Masking;

/// <summary>
/// A small scene whose clouds and shadows are known: vegetated and bare fields, clouds as discs at known heights, and their shadows where the sun throws
/// them. Written from the geometry alone: a ground point is in shadow if the ray from it to the sun meets a cloud; a pixel shows a cloud if the line of
/// sight to the sensor meets it. Nothing of the mask's own search is used.
/// </summary>
internal sealed class AnalyticScene
{
    public const double PixelMetres = 20;

    private static readonly float[] Vegetation = [0.085f, 0.080f, 0.050f, 0.300f, 0.160f, 0.080f];
    private static readonly float[] Soil = [0.105f, 0.110f, 0.130f, 0.220f, 0.260f, 0.200f];
    private static readonly float[] OpenWater = [0.080f, 0.055f, 0.035f, 0.022f, 0.012f, 0.008f];
    private static readonly float[] SnowField = [0.850f, 0.830f, 0.800f, 0.750f, 0.120f, 0.090f];
    private static readonly float[] CloudTop = [0.600f, 0.580f, 0.580f, 0.640f, 0.480f, 0.340f];

    private readonly float[][] bands;

    public AnalyticScene(int width, int height, SceneAngles angles, Func<double, double, double>? terrain = null)
    {
        Width = width;
        Height = height;
        Angles = angles;
        bands = Enumerable.Range(0, 9).Select(_ => new float[width * height]).ToArray();
        Flags = new Raster<PixelFlags>(width, height);
        Elevation = new Raster<float>(width, height);
        Cloud = new Raster<byte>(width, height);
        Shadow = new Raster<byte>(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                Elevation[x, y] = (float)(terrain?.Invoke(x, y) ?? 0);
        }
    }

    public int Width { get; }

    public int Height { get; }

    public SceneAngles Angles { get; set; }

    public Raster<PixelFlags> Flags { get; }

    public Raster<float> Elevation { get; }

    public Raster<byte> Cloud { get; }

    public Raster<byte> Shadow { get; }

    /// <summary>Discs: centre in pixels above the map, radius in pixels, base in metres above the datum.</summary>
    public List<(double X, double Y, double Radius, double BaseMetres)> Clouds { get; } = [];

    public Func<int, int, bool> IsWater { get; set; } = (_, _) => false;

    public Func<int, int, bool> IsSnow { get; set; } = (_, _) => false;

    /// <summary>Largest deviation of a pixel from its spectrum, relative.</summary>
    public float Roughness { get; init; } = 0.04f;

    public Func<int, int, bool> IsNull { get; set; } = (_, _) => false;

    public SpectralBands Render()
    {
        double tan = Math.Tan(Angles.SunZenithDegrees * Math.PI / 180);
        var (sunEast, sunNorth) = Math.SinCos(Angles.SunAzimuthDegrees * Math.PI / 180);
        var (viewEast, viewNorth) = Angles.View?.At(0, 0) ?? (0, 0);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                double ground = Elevation[x, y];
                var cloud = Clouds.Any(c => Hits(c, x, y, (c.BaseMetres - ground) * viewEast, (c.BaseMetres - ground) * viewNorth));
                var dark = Clouds.Any(c => Hits(c, x, y, (c.BaseMetres - ground) * tan * sunEast, (c.BaseMetres - ground) * tan * sunNorth));
                Cloud[x, y] = cloud ? (byte)1 : (byte)0;
                Shadow[x, y] = dark && !cloud ? (byte)1 : (byte)0;
                float[] spectrum = cloud ? CloudTop : IsWater(x, y) ? OpenWater : IsSnow(x, y) ? SnowField : (Noise(x / 23, y / 17, 1) > 0 ? Vegetation : Soil);
                float light = (dark && !cloud ? 0.45f : 1) * Illumination(x, y, cloud);
                float texture = 1 + Roughness * Noise(x, y, 2);
                for (int band = 0; band < 6; band++)
                    Put(band, x, y, spectrum[band] * light * texture);
                Put(6, x, y, cloud ? 0.012f : 0.001f);
                // Parallax: cloud edges are displaced between B08 and B8A and hardly between B07 and B8A.
                Put(7, x, y, Value(3, x, y) * (1 + 0.002f * Noise(x, y, 3)));
                Put(8, x, y, Value(3, x, y) * (1 + (cloud ? 0.04f : 0.001f) * Noise(x, y, 4)));
                Flags[x, y] = IsNull(x, y) ? PixelFlags.Null : PixelFlags.None;
            }
        }

        return new SpectralBands(PixelMetres, Band(0), Band(1), Band(2), Band(3), Band(4), Band(5), Flags) { Cirrus = Band(6), RedEdge3 = Band(7), Nir = Band(8) };
    }

    public SpectralMaskResult Mask(bool withTerrain, int dilation = 0, int threads = 2) => SpectralMask.Compute(
        Render(), Angles, withTerrain ? Elevation : null, null,
        new SpectralMaskParameters { CloudDilationPixels = dilation, CloudShadowDilationPixels = dilation }, new Workers(threads));

    /// <summary>Intersection over union of a class with the truth.</summary>
    public static double Agreement(Raster<byte> codes, byte code, Raster<byte> truth)
    {
        long both = 0, either = 0;
        for (int i = 0; i < codes.Pixels.Length; i++)
        {
            bool found = codes.Pixels[i] == code, real = truth.Pixels[i] != 0 && codes.Pixels[i] != MaskCode.Null;
            both += found && real ? 1 : 0;
            either += found || real ? 1 : 0;
        }

        return either == 0 ? 1 : (double)both / either;
    }

    private static bool Hits((double X, double Y, double Radius, double BaseMetres) cloud, int x, int y, double eastMetres, double northMetres)
    {
        double dx = x + eastMetres / PixelMetres - cloud.X, dy = y - northMetres / PixelMetres - cloud.Y;
        double angle = Math.Atan2(dy, dx), radius = cloud.Radius * (1 + 0.2 * Math.Sin(3 * angle + cloud.X) + 0.1 * Math.Cos(5 * angle));
        return dx * dx + dy * dy < radius * radius;
    }

    /// <summary>Lambert's light on the slope relative to flat ground; clouds do not follow the slope.</summary>
    private float Illumination(int x, int y, bool cloud)
    {
        if (cloud || x == 0 || y == 0 || x == Width - 1 || y == Height - 1)
            return 1;
        double east = (Elevation[x + 1, y] - Elevation[x - 1, y]) / (2 * PixelMetres), south = (Elevation[x, y + 1] - Elevation[x, y - 1]) / (2 * PixelMetres);
        var (sine, cosine) = Math.SinCos(Angles.SunZenithDegrees * Math.PI / 180);
        double azimuth = Angles.SunAzimuthDegrees * Math.PI / 180;
        double cosIncidence = (cosine + sine * (-east * Math.Sin(azimuth) + south * Math.Cos(azimuth))) / Math.Sqrt(1 + east * east + south * south);
        return (float)(0.3 + 0.7 * Math.Max(0, cosIncidence) / cosine);
    }

    private Raster<float> Band(int band) => new(Width, Height, bands[band]);

    private float Value(int band, int x, int y) => bands[band][y * Width + x];

    /// <summary>As a product stores it: whole numbers of 1/10000.</summary>
    private void Put(int band, int x, int y, float reflectance) =>
        bands[band][y * Width + x] = Math.Max(SpectralBands.LowestReflectance, (float)(Math.Round(reflectance * 10_000) / 10_000));

    /// <summary>Evenly spread over [-1, 1] by position.</summary>
    private static float Noise(int x, int y, int channel)
    {
        uint h = (uint)x * 374761393u + (uint)y * 668265263u + (uint)channel * 2246822519u;
        h = (h ^ h >> 13) * 1274126177u;
        return (h ^ h >> 16) / 2147483648f - 1;
    }
}
