using System.Numerics;
using System.Runtime.CompilerServices;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>Digital numbers, [image][band], and the true class of each 10 m pixel, [image]: 0 clear, 2 cloud, 3 cloud shadow, 4 snow, 5 water.</summary>
public sealed record SceneRendering(Raster<ushort>[][] Bands, Raster<byte>[] Classes);

/// <summary>
/// A simulated piece of ground, an earthquake, and the images taken of it before and after: the ground is laid out at 2.5 m, blurred by the instrument there,
/// and each image picks its pixels from it through the ground motion and through its own geolocation errors, so that nothing but the blurred ground is ever
/// resampled, and that with a sixth-order interpolator on a signal that fills a quarter of the band.
/// </summary>
public sealed class Scene
{
    private const int TilePixels = 360;

    private readonly SceneParameters _parameters;
    private readonly Ground _ground;
    private readonly Dictionary<int, Ground> _otherGround = [];
    private readonly Dictionary<int, (float Mean, float Deviation)[]> _otherContrast = [];
    private readonly (float Mean, float Deviation)[] _contrast = [];
    private readonly Dictionary<int, CloudLayer> _clouds = [];
    private readonly float[] _kernel;
    private readonly int _marginPixels;

    /// <param name="grid">10 m grid of the scene; sides multiples of 6 pixels.</param>
    /// <param name="motion">The earthquake on this grid.</param>
    public Scene(SceneParameters parameters, RasterGrid grid, GroundMotion motion, IReadOnlyList<SceneImage> images)
    {
        if (grid.PixelSizeMetres != 10 || grid.Width % 6 != 0 || grid.Height % 6 != 0)
            throw new ArgumentException($"A scene cannot lie on {grid}: pixels of 10 m and sides that are multiples of 6 pixels are needed.", nameof(grid));
        _parameters = parameters;
        Grid = grid;
        Motion = motion;
        Images = images;
        _ground = new Ground((ulong)parameters.Seed, parameters.WaterFraction, parameters.SnowFraction, grid.Bounds);
        if (parameters.ChangeFraction > 0)
            _contrast = _ground.Contrast(grid.Bounds);
        foreach (var image in images)
        {
            if (parameters.ChangeFraction > 0 && image.Number > 0)
            {
                var other = new Ground(SeededNoise.Stream((ulong)parameters.Seed, 0xC4A9 + (ulong)image.Number), parameters.WaterFraction, 0, grid.Bounds);
                _otherGround[image.Number] = other;
                _otherContrast[image.Number] = other.Contrast(grid.Bounds);
            }

            if (parameters.CloudFraction > 0)
                _clouds[image.Number] = new CloudLayer(parameters, image, grid.Bounds);
        }

        _kernel = BlurredGround.Kernel(parameters.BlurPixels);
        _marginPixels = LargestDisplacement();
    }

    public RasterGrid Grid { get; }

    public GroundMotion Motion { get; }

    public IReadOnlyList<SceneImage> Images { get; }

    /// <summary>Terrain height at each pixel, metres.</summary>
    public Raster<float> Elevation(Window pixels)
    {
        var heights = _ground.Hills(pixels);
        for (int i = 0; i < heights.Pixels.Length; i++)
            heights.Pixels[i] = (float)(600 + _parameters.ReliefMetres * heights.Pixels[i]);
        return heights;
    }

    /// <summary>
    /// Digital numbers (10000 times the reflectance plus <paramref name="offset"/>, 1 to 65534) of whole images: result[i][b] for image images[i] and band
    /// bands[b] (0 to 12), each on the grid of its band; and what covers each 10 m pixel of each image.
    /// </summary>
    public SceneRendering Render(IReadOnlyList<int> images, IReadOnlyList<int> bands, int offset, Workers workers)
    {
        var result = images.Select(_ => bands.Select(b => new Raster<ushort>(Grid.Width * 10 / SceneBands.Resolution[b], Grid.Height * 10 / SceneBands.Resolution[b])).ToArray()).ToArray();
        var classes = images.Select(_ => new Raster<byte>(Grid.Width, Grid.Height)).ToArray();
        int columns = (Grid.Width + TilePixels - 1) / TilePixels, rows = (Grid.Height + TilePixels - 1) / TilePixels;
        workers.Each(columns * rows, index =>
        {
            var tile = new Window(index % columns * TilePixels, index / columns * TilePixels, TilePixels, TilePixels).Intersect(Grid.Bounds);
            var parts = RenderWindow(tile, images, bands, offset);
            for (int i = 0; i < images.Count; i++)
            {
                for (int b = 0; b < bands.Count; b++)
                {
                    int scale = SceneBands.Resolution[bands[b]] / 10;
                    result[i][b].Paste(parts.Bands[i][b], parts.Bands[i][b].Bounds, tile.X / scale, tile.Y / scale);
                }

                classes[i].Paste(parts.Classes[i], parts.Classes[i].Bounds, tile.X, tile.Y);
            }
        });
        return new SceneRendering(result, classes);
    }

    /// <summary>The same for a window of 10 m pixels whose corners are multiples of 6: byte for byte the same part of the whole.</summary>
    public SceneRendering RenderWindow(Window window, IReadOnlyList<int> images, IReadOnlyList<int> bands, int offset)
    {
        int largest = bands.Max(b => SceneBands.Resolution[b]) / 10;
        int reach = _marginPixels + (BlurredGround.KernelRadius + 6) * largest / Ground.SamplesPerPixel + 1;
        var wide = window.Grow((reach + 5) / 6 * 6);
        var samples = new Window(wide.X * Ground.SamplesPerPixel, wide.Y * Ground.SamplesPerPixel, wide.Width * Ground.SamplesPerPixel, wide.Height * Ground.SamplesPerPixel);
        var ground = _ground.Render(samples);
        var hills = _parameters.ReliefMetres > 0 ? Elevation(wide) : null;
        var canvases = bands.Select(b => BlurredGround.Of(ground, b, _kernel)).ToArray();
        var result = new Raster<ushort>[images.Count][];
        var classes = new Raster<byte>[images.Count];
        for (int i = 0; i < images.Count; i++)
        {
            var image = Images[images[i]];
            var shade = hills is null ? null : Shade(hills, image);
            _clouds.TryGetValue(image.Number, out var clouds);
            var shadow = clouds?.Shadow(window);
            var other = _otherGround.TryGetValue(image.Number, out var otherGround) ? otherGround.Render(samples) : null;
            result[i] = new Raster<ushort>[bands.Count];
            Raster<Vector2>?[] places = new Raster<Vector2>?[7];
            for (int b = 0; b < bands.Count; b++)
            {
                int band = bands[b], scale = SceneBands.Resolution[band] / 10;
                var place = places[scale] ??= GroundPlaces(image, window, scale);
                var otherCanvas = other is null ? null : BlurredGround.Of(other, band, _kernel);
                var layer = clouds?.Seen(window, band);
                result[i][b] = Pick(image, band, window, wide, place, canvases[b], otherCanvas, shade, shadow, layer, offset);
            }

            classes[i] = TrueClasses(ground, window, wide, places[1] ?? GroundPlaces(image, window, 1), clouds?.Seen(window, SceneBands.B04).Opacity, shadow);
        }

        return new SceneRendering(result, classes);
    }

    /// <summary>
    /// What covers each 10 m pixel of an image, by the codes of the spectral mask: 0 clear, 2 cloud, 3 cloud shadow, 4 snow, 5 water. Half opacity or half the
    /// area decides.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Raster<byte> TrueClasses(GroundWindow ground, Window window, Window wide, Raster<Vector2> places, Raster<float>? seen, Raster<float>? shadow)
    {
        const int S = Ground.SamplesPerPixel;
        var classes = new Raster<byte>(window.Width, window.Height);
        for (int y = 0; y < window.Height; y++)
        {
            for (int x = 0; x < window.Width; x++)
            {
                int x0 = (int)Math.Floor((window.X + x + 0.5 + places[x, y].X) * S) - wide.X * S, y0 = (int)Math.Floor((window.Y + y + 0.5 + places[x, y].Y) * S) - wide.Y * S;
                int water = 0, snow = 0;
                for (int j = 0; j < S; j++)
                {
                    uint four = Unsafe.ReadUnaligned<uint>(ref Unsafe.As<LandCover, byte>(ref ground.Cover[(y0 - 2 + j) * ground.Samples.Width + x0 - 2]));
                    water += Equal(four, LandCover.Water);
                    snow += Equal(four, LandCover.Snow);
                }

                classes[x, y] = (byte)(seen is not null && seen[x, y] >= 0.5f ? 2 : shadow is not null && shadow[x, y] >= 0.5f ? 3 : snow * 2 > S * S ? 4 : water * 2 > S * S ? 5 : 0);
            }
        }

        return classes;

        // A byte below 128 is zero when adding 127 leaves its top bit clear.
        static int Equal(uint four, LandCover cover) => 4 - BitOperations.PopCount(((four ^ 0x01010101u * (uint)cover) + 0x7F7F7F7Fu) & 0x80808080u);
    }

    /// <summary>How far from its nominal place on the unmoved ground each pixel looks, pixels of 10 m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Raster<Vector2> GroundPlaces(SceneImage image, Window window, int scale)
    {
        var places = new Raster<Vector2>(window.Width / scale, window.Height / scale);
        for (int y = 0; y < places.Height; y++)
        {
            for (int x = 0; x < places.Width; x++)
            {
                double px = (x + 0.5) * scale, py = (y + 0.5) * scale;
                double easting = Grid.Easting(window.X + px), northing = Grid.Northing(window.Y + py);
                var (ex, ey) = image.Error.At(easting, northing);
                double dx = -ex, dy = -ey;
                if (image.AfterEvent)
                {
                    // The ground now here was at g with g + u(g) = here; u varies by far less than a pixel per pixel, so this settles at once.
                    double gx = dx, gy = dy;
                    for (int pass = 0; pass < 2; pass++)
                    {
                        var (ux, uy) = Motion.At(easting + 10 * gx, northing - 10 * gy);
                        (gx, gy) = (dx - ux, dy - uy);
                    }

                    (dx, dy) = (gx, gy);
                }

                places[x, y] = new Vector2((float)dx, (float)dy);
            }
        }

        return places;
    }

    /// <summary>Illumination of the slopes relative to flat ground, on the pixels of <paramref name="heights"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Raster<float> Shade(Raster<float> heights, SceneImage image)
    {
        var (sinZ, cosZ) = Math.SinCos(image.SunZenithDegrees * Math.PI / 180);
        var (sinA, cosA) = Math.SinCos(image.SunAzimuthDegrees * Math.PI / 180);
        var shade = new Raster<float>(heights.Width, heights.Height).Fill(1);
        for (int y = 1; y < heights.Height - 1; y++)
        {
            for (int x = 1; x < heights.Width - 1; x++)
            {
                double east = (heights[x + 1, y] - heights[x - 1, y]) / 20, north = (heights[x, y - 1] - heights[x, y + 1]) / 20;
                double cosI = (cosZ - sinZ * (sinA * east + cosA * north)) / Math.Sqrt(1 + east * east + north * north);
                shade[x, y] = (float)Math.Max(0.15, cosI / cosZ);
            }
        }

        return shade;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Raster<ushort> Pick(
        SceneImage image, int band, Window window, Window wide, Raster<Vector2> places, Raster<float> canvas, Raster<float>? otherCanvas, Raster<float>? shade,
        Raster<float>? shadow, (Raster<float> Opacity, Raster<float> Brightness)? clouds, int offset)
    {
        int scale = SceneBands.Resolution[band] / 10;
        var result = new Raster<ushort>(window.Width / scale, window.Height / scale);
        ulong noise = SeededNoise.Stream((ulong)_parameters.Seed, 0xA015E000UL + (ulong)(image.Number * SceneBands.Count + band));
        float same = MathF.Sqrt((float)(1 - _parameters.ChangeFraction)), changed = MathF.Sqrt((float)_parameters.ChangeFraction);
        // The other texture is brought to the level and contrast of this one, so that the share of the variance is the share asked for.
        var (level, contrast) = otherCanvas is null ? default : _contrast[band];
        var (otherLevel, otherContrast) = otherCanvas is null ? (0, 1) : _otherContrast[image.Number][band];
        changed *= contrast / otherContrast;
        float air = SceneBands.Air[band], white = SceneBands.Cloud[band];
        float reference = (float)SceneBands.ReferenceReflectance[band], perSignal = (float)(_parameters.NoiseFactor / SceneBands.SignalToNoise[band]);
        for (int y = 0; y < result.Height; y++)
        {
            for (int x = 0; x < result.Width; x++)
            {
                var p = places[x, y];

                // Counted from the corner of the scene, in double: a pixel must not depend on the window that it is rendered in.
                double gx = window.X + (x + 0.5) * scale + p.X, gy = window.Y + (y + 0.5) * scale + p.Y;
                double cx = gx / scale * Ground.SamplesPerPixel - 0.5, cy = gy / scale * Ground.SamplesPerPixel - 0.5;
                int ix = (int)Math.Floor(cx), iy = (int)Math.Floor(cy);
                var wx = BlurredGround.Weights((float)(cx - ix));
                var wy = BlurredGround.Weights((float)(cy - iy));
                ix -= wide.X / scale * Ground.SamplesPerPixel;
                iy -= wide.Y / scale * Ground.SamplesPerPixel;
                float value = BlurredGround.Between(canvas, ix, iy, wx, wy);
                if (otherCanvas is not null)
                    value = level + same * (value - level) + changed * (BlurredGround.Between(otherCanvas, ix, iy, wx, wy) - otherLevel);
                float light = 1;
                if (shade is not null)
                    light = Bilinear(shade, gx - 0.5, gy - 0.5, wide);
                if (shadow is not null)
                    light *= 1 - 0.85f * Block(shadow, x, y, scale);
                value = air + Math.Max(0.1f * value, value - air) * light;
                if (clouds is { } layer)
                {
                    float opacity = Block(layer.Opacity, x, y, scale);
                    value += opacity * (white * (1 + 0.10f * Block(layer.Brightness, x, y, scale)) - value);
                }

                // Shot noise: the variance grows with the signal; the specification fixes it at the reference radiance.
                float sigma = perSignal * MathF.Sqrt(reference * Math.Max(value, 0.02f * reference));
                value += sigma * SeededNoise.Bell(SeededNoise.At(noise, window.X / scale + x, window.Y / scale + y));
                result[x, y] = (ushort)Math.Clamp(MathF.Round(value * 10000) + offset, 1, 65534);
            }
        }

        return result;
    }

    private static float Bilinear(Raster<float> raster, double x, double y, Window place)
    {
        int ix = (int)Math.Floor(x), iy = (int)Math.Floor(y);
        float fx = (float)(x - ix), fy = (float)(y - iy);
        ix -= place.X;
        iy -= place.Y;
        return (1 - fy) * ((1 - fx) * raster[ix, iy] + fx * raster[ix + 1, iy]) + fy * ((1 - fx) * raster[ix, iy + 1] + fx * raster[ix + 1, iy + 1]);
    }

    /// <summary>Mean of the 10 m pixels under a pixel of a coarser band.</summary>
    private static float Block(Raster<float> raster, int x, int y, int scale)
    {
        if (scale == 1)
            return raster[x, y];
        float sum = 0;
        for (int j = 0; j < scale; j++)
        {
            foreach (float value in raster.Row(y * scale + j).Slice(x * scale, scale))
                sum += value;
        }

        return sum / (scale * scale);
    }

    /// <summary>No image looks further than this from its nominal place, pixels of 10 m.</summary>
    private int LargestDisplacement()
    {
        double largest = 0;
        const int Steps = 60;
        for (int j = 0; j <= Steps; j++)
        {
            for (int i = 0; i <= Steps; i++)
            {
                double easting = Grid.Easting(Grid.Width * (double)i / Steps), northing = Grid.Northing(Grid.Height * (double)j / Steps);
                var (ux, uy) = Motion.At(easting, northing);
                foreach (var image in Images)
                {
                    var (ex, ey) = image.Error.At(easting, northing);
                    largest = Math.Max(largest, Math.Max(Math.Abs(ex) + Math.Abs(ux), Math.Abs(ey) + Math.Abs(uy)));
                }
            }
        }

        return (int)Math.Ceiling(1.5 * largest + 2);
    }
}
