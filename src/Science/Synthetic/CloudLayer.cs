using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>
/// Clouds at one height over one image: how opaque they look in a band (displaced by view angle and by the band's place on the focal plane), and where their
/// shadow falls. Geometry as in <c>specs/masks.md</c> section 8.2.
/// </summary>
internal sealed class CloudLayer
{
    private const double FlightMetresPerSecond = 7450, OrbitHeightMetres = 786000;

    private readonly FractalNoise _shape, _detail;
    private readonly double _threshold;
    private readonly SceneImage _image;
    private readonly double _height;

    public CloudLayer(SceneParameters parameters, SceneImage image, Window scenePixels)
    {
        ulong seed = SeededNoise.Stream((ulong)parameters.Seed, 0xC10D00 + (ulong)image.Number);
        _shape = new FractalNoise(seed, 4, 256, 0.9);
        _detail = new FractalNoise(SeededNoise.Stream(seed, 1), 2, 16, 0.4);
        _image = image;
        _height = parameters.CloudHeightMetres;
        var samples = new List<float>();
        var row = new float[scenePixels.Width];
        var rows = _shape.Columns(scenePixels.X, scenePixels.Width);
        for (int y = scenePixels.Y; y < scenePixels.Bottom; y += 8)
        {
            rows.Row(y, row);
            for (int x = 0; x < row.Length; x += 8)
                samples.Add(row[x]);
        }

        _threshold = OrderStatistics.Percentile(samples.ToArray(), 100 * (1 - parameters.CloudFraction));
    }

    /// <summary>Opacity 0 to 1 and brightness about 1 of the clouds seen at each 10 m pixel of <paramref name="pixels"/> in <paramref name="band"/>.</summary>
    public (Raster<float> Opacity, Raster<float> Brightness) Seen(Window pixels, int band)
    {
        // The cloud seen at P stands above P + height tan(zenith) towards the sensor.
        double zenith = Math.Tan(_image.ViewZenithDegrees * Math.PI / 180), parallax = FlightMetresPerSecond * (SceneBands.DelaySeconds[band] - SceneBands.DelaySeconds[SceneBands.B04]) / OrbitHeightMetres;
        var (sin, cos) = Math.SinCos(_image.ViewAzimuthDegrees * Math.PI / 180);
        var (flySin, flyCos) = Math.SinCos(_image.FlightAzimuthDegrees * Math.PI / 180);
        double east = _height * (zenith * sin + parallax * flySin), north = _height * (zenith * cos + parallax * flyCos);
        return (Opacity(pixels, east / 10, -north / 10), Shifted(_detail, pixels, east / 10, -north / 10));
    }

    /// <summary>Opacity 0 to 1 of the clouds that stand between each pixel's ground and the sun.</summary>
    public Raster<float> Shadow(Window pixels)
    {
        double reach = _height * Math.Tan(_image.SunZenithDegrees * Math.PI / 180) / 10;
        var (sin, cos) = Math.SinCos(_image.SunAzimuthDegrees * Math.PI / 180);
        return Opacity(pixels, reach * sin, -reach * cos);
    }

    private Raster<float> Opacity(Window pixels, double dx, double dy)
    {
        var shape = Shifted(_shape, pixels, dx, dy);
        for (int i = 0; i < shape.Pixels.Length; i++)
        {
            float t = Math.Clamp((float)((shape.Pixels[i] - _threshold) / 0.12 + 0.5), 0, 1);
            shape.Pixels[i] = t * t * (3 - 2 * t);
        }

        return shape;
    }

    /// <summary>The noise at pixel + (dx, dy), bilinear.</summary>
    private static Raster<float> Shifted(FractalNoise noise, Window pixels, double dx, double dy)
    {
        int wholeX = (int)Math.Floor(dx), wholeY = (int)Math.Floor(dy);
        float fx = (float)(dx - wholeX), fy = (float)(dy - wholeY);
        var result = new Raster<float>(pixels.Width, pixels.Height);
        var rows = noise.Columns(pixels.X + wholeX, pixels.Width + 1);
        float[] upper = new float[pixels.Width + 1], lower = new float[pixels.Width + 1];
        rows.Row(pixels.Y + wholeY, upper);
        for (int y = 0; y < pixels.Height; y++)
        {
            rows.Row(pixels.Y + wholeY + y + 1, lower);
            var row = result.Row(y);
            for (int x = 0; x < row.Length; x++)
                row[x] = (1 - fy) * ((1 - fx) * upper[x] + fx * upper[x + 1]) + fy * ((1 - fx) * lower[x] + fx * lower[x + 1]);
            (upper, lower) = (lower, upper);
        }

        return result;
    }
}
