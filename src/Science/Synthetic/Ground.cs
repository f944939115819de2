using System.Runtime.CompilerServices;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>A window of the ground at 2.5 m: what covers it, how green it is (0 to 1), and its brightness about 1.</summary>
internal sealed record GroundWindow(Window Samples, LandCover[] Cover, float[] Green, float[] Brightness);

/// <summary>
/// The unmoved ground of a scene, four samples per 10 m pixel and axis: fields, woods, rock, settlements, roads, rivers, lakes, snow. Any window comes out
/// the same on its own, since every value depends only on the seed and the place. Sample (0, 0) lies in the upper left corner of the scene.
/// </summary>
internal sealed class Ground
{
    public const int SamplesPerPixel = 4;

    private const int RegionSamples = 480;
    private const int Block = 8;

    private readonly ulong _seed;
    private readonly FractalNoise _texture, _fine, _hills, _woods, _towns, _river;
    private readonly double _snowAbove, _waterBelow;

    public Ground(ulong seed, double waterFraction, double snowFraction, Window scenePixels)
    {
        _seed = seed;
        _texture = new FractalNoise(SeededNoise.Stream(seed, 1), 6, 1536, 0.35);
        _fine = new FractalNoise(SeededNoise.Stream(seed, 2), 2, 8, 0.2);
        _hills = new FractalNoise(SeededNoise.Stream(seed, 3), 64, 4096, 1.0);
        _woods = new FractalNoise(SeededNoise.Stream(seed, 4), 24, 1536, 0.7);
        _towns = new FractalNoise(SeededNoise.Stream(seed, 5), 128, 1024, 0.8);
        _river = new FractalNoise(SeededNoise.Stream(seed, 6), 128, 2048, 1.0);
        var heights = SampledHeights(scenePixels);
        _waterBelow = waterFraction > 0 ? OrderStatistics.Percentile(heights, 100 * waterFraction) : double.NegativeInfinity;
        _snowAbove = snowFraction > 0 ? OrderStatistics.Percentile(heights, 100 * (1 - snowFraction)) : double.PositiveInfinity;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public GroundWindow Render(Window samples)
    {
        int count = samples.Width * samples.Height;
        var ground = new GroundWindow(samples, new LandCover[count], new float[count], new float[count]);
        int width = samples.Width;
        float[] texture = new float[width], fine = new float[width], hills = new float[width], woods = new float[width], towns = new float[width], river = new float[width];
        int firstBlock = FloorDivide(samples.X, Block), blocks = FloorDivide(samples.Right - 1, Block) - firstBlock + 1, blockRow = int.MinValue;
        var regions = new Region[9 * blocks];
        var candidates = new int[blocks];
        for (int j = 0; j < samples.Height; j++)
        {
            int y = samples.Y + j;
            _texture.Row(samples.X, y, texture);
            _fine.Row(samples.X, y, fine);
            _hills.Row(samples.X, y, hills);
            _woods.Row(samples.X, y, woods);
            _towns.Row(samples.X, y, towns);
            _river.Row(samples.X, y, river);
            if (FloorDivide(y, Block) != blockRow)
            {
                blockRow = FloorDivide(y, Block);
                for (int b = 0; b < blocks; b++)
                    candidates[b] = Candidates((firstBlock + b) * Block + Block / 2, blockRow * Block + Block / 2, regions.AsSpan(9 * b, 9));
            }

            for (int i = 0; i < width; i++)
            {
                int x = samples.X + i, block = FloorDivide(x, Block) - firstBlock;
                int at = j * width + i;
                (ground.Cover[at], ground.Green[at], ground.Brightness[at]) =
                    Sample(x, y, texture[i], fine[i], hills[i], woods[i], towns[i], river[i], regions.AsSpan(9 * block, candidates[block]));
            }
        }

        return ground;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (LandCover, float, float) Sample(
        int x, int y, float texture, float fine, float hills, float woods, float towns, float river, ReadOnlySpan<Region> regions)
    {
        if (hills < _waterBelow)
            return (LandCover.Water, 0, 1 + 0.04f * texture);
        if (hills > _snowAbove)
            return (LandCover.Snow, 0, 1 + 0.06f * texture + 0.02f * fine);
        if (Math.Abs(river) < 0.012f + 0.004f * towns && hills < 0.6f)
            return (LandCover.Water, 0, 1 + 0.04f * texture);

        // Nearest and second nearest region: between them runs a road.
        int nearest = 0;
        float first = float.MaxValue, second = float.MaxValue;
        int other = 0;
        for (int k = 0; k < regions.Length; k++)
        {
            float dx = x + 0.5f - regions[k].X, dy = y + 0.5f - regions[k].Y, d = dx * dx + dy * dy;
            if (d < first)
                (second, other, first, nearest) = (first, nearest, d, k);
            else if (d < second)
                (second, other) = (d, k);
        }

        ref readonly var region = ref regions[nearest];
        float rough = 0.08f * texture + 0.06f * fine;
        if (hills + 0.2f * woods > 0.95f)
            return (LandCover.Rock, Math.Clamp(0.25f + 0.2f * woods, 0, 0.6f), 1 + 0.10f * texture + 0.08f * fine);
        if (regions.Length > 1)
        {
            float gap = (second - first) / (2 * MathF.Sqrt(Square(regions[other].X - region.X) + Square(regions[other].Y - region.Y)));
            if (gap < region.RoadHalfWidth)
                return (LandCover.Road, 0.05f, 1 + 0.05f * fine);
        }

        float u = region.Cos * (x - region.X) + region.Sin * (y - region.Y), v = region.Cos * (y - region.Y) - region.Sin * (x - region.X);
        if (towns > 1.5f)
        {
            // Blocks of 30 m with streets between.
            float bu = u * (1 / 13f), bv = v * (1 / 11f);
            int cu = (int)MathF.Floor(bu), cv = (int)MathF.Floor(bv);
            ulong house = SeededNoise.At(region.Seed, cu, cv);
            bool street = bu - cu < 0.22f || bv - cv < 0.22f;
            return street
                ? (LandCover.Road, 0.15f, 1 + 0.06f * fine)
                : (LandCover.Settlement, 0.35f * SeededNoise.Uniform(house * 3), 1 + 0.16f * SeededNoise.Bell(house) + 0.08f * fine);
        }

        if (woods + 0.15f * fine > 0.55f)
            return (LandCover.Forest, 0.92f, 1 + 0.08f * texture + 0.11f * fine);

        float row = v / region.FieldWidth;
        int rowIndex = (int)MathF.Floor(row);
        float column = u / region.FieldLength + SeededNoise.Uniform(SeededNoise.At(region.Seed, rowIndex, -7));
        int columnIndex = (int)MathF.Floor(column);
        ulong field = SeededNoise.At(region.Seed, columnIndex, rowIndex);
        float edge = Math.Min(Math.Min(row - rowIndex, 1 - (row - rowIndex)) * region.FieldWidth, Math.Min(column - columnIndex, 1 - (column - columnIndex)) * region.FieldLength);
        float green = SeededNoise.Uniform(SeededNoise.Mix(field));
        green = green < 0.45f ? 0.3f + 0.15f * green : 0.4f + 0.4f * green;
        return edge < 1.1f
            ? (LandCover.Field, 0.5f, 0.9f + 0.08f * fine)
            : (LandCover.Field, green, 1 + 0.10f * SeededNoise.Bell(field) + rough * (1 - 0.4f * green));
    }

    /// <summary>The regions that can be nearest or second nearest to any sample of a block, or whose border road can cross it.</summary>
    private int Candidates(int centreX, int centreY, Span<Region> regions)
    {
        Span<(float Distance, float X, float Y, ulong Seed)> near = stackalloc (float, float, float, ulong)[9];
        int cellX = FloorDivide(centreX, RegionSamples), cellY = FloorDivide(centreY, RegionSamples), n = 0;
        float closest = float.MaxValue;
        for (int dy = -1; dy <= 1; dy++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                ulong bits = SeededNoise.At(SeededNoise.Stream(_seed, 9), cellX + dx, cellY + dy);
                float x = (cellX + dx + 0.2f + 0.6f * SeededNoise.Uniform(bits)) * RegionSamples;
                float y = (cellY + dy + 0.2f + 0.6f * SeededNoise.Uniform(SeededNoise.Mix(bits))) * RegionSamples;
                float distance = MathF.Sqrt(Square(x - centreX) + Square(y - centreY));
                closest = Math.Min(closest, distance);
                near[n++] = (distance, x, y, bits);
            }
        }

        int kept = 0;
        for (int k = 0; k < n; k++)
        {
            if (near[k].Distance > closest + 2 * Block + 10)
                continue;
            ulong bits = near[k].Seed, more = SeededNoise.Mix(bits + 1);
            var (sin, cos) = MathF.SinCos(SeededNoise.Uniform(SeededNoise.Mix(bits + 2)) * MathF.PI);
            regions[kept++] = new Region(
                near[k].X, near[k].Y, sin, cos, 36 + 90 * SeededNoise.Uniform(more), 80 + 200 * SeededNoise.Uniform(SeededNoise.Mix(more)),
                1.2f + 1.6f * SeededNoise.Uniform(SeededNoise.Mix(bits + 3)), bits);
        }

        return kept;
    }

    /// <summary>Mean and standard deviation of the reflectance in each band, from 49 patches of 24 pixels spread over the scene.</summary>
    public (float Mean, float Deviation)[] Contrast(Window scenePixels)
    {
        const int Patches = 7, Side = 96;
        var sum = new double[SceneBands.Count];
        var square = new double[SceneBands.Count];
        for (int k = 0; k < Patches * Patches; k++)
        {
            int x = (scenePixels.X + scenePixels.Width * (2 * (k % Patches) + 1) / (2 * Patches)) * SamplesPerPixel - Side / 2;
            int y = (scenePixels.Y + scenePixels.Height * (2 * (k / Patches) + 1) / (2 * Patches)) * SamplesPerPixel - Side / 2;
            var patch = Render(new Window(x, y, Side, Side));
            for (int band = 0; band < SceneBands.Count; band++)
            {
                for (int i = 0; i < patch.Cover.Length; i++)
                {
                    float bare = SceneBands.Bare(patch.Cover[i], band);
                    double value = (bare + (SceneBands.Green(patch.Cover[i], band) - bare) * patch.Green[i]) * patch.Brightness[i];
                    sum[band] += value;
                    square[band] += value * value;
                }
            }
        }

        double count = Patches * Patches * Side * Side;
        return [.. sum.Select((s, band) => ((float)(s / count), (float)Math.Sqrt(Math.Max(1e-12, square[band] / count - s / count * (s / count)))))];
    }

    /// <summary>Hills of unit variance at the centres of 10 m pixels.</summary>
    public Raster<float> Hills(Window pixels)
    {
        var hills = new Raster<float>(pixels.Width, pixels.Height);
        var row = new float[pixels.Width * SamplesPerPixel];
        for (int y = 0; y < pixels.Height; y++)
        {
            _hills.Row(pixels.X * SamplesPerPixel, (pixels.Y + y) * SamplesPerPixel + 2, row);
            for (int x = 0; x < pixels.Width; x++)
                hills[x, y] = row[x * SamplesPerPixel + 2];
        }

        return hills;
    }

    private float[] SampledHeights(Window pixels)
    {
        const int Step = 16;
        var heights = new List<float>();
        for (int y = pixels.Y; y < pixels.Bottom; y += Step)
        {
            var row = Hills(new Window(pixels.X, y, pixels.Width, 1));
            for (int x = 0; x < pixels.Width; x += Step)
                heights.Add(row[x, 0]);
        }

        return [.. heights];
    }

    private static float Square(float value) => value * value;

    private static int FloorDivide(int a, int b) => a >= 0 ? a / b : -((b - 1 - a) / b);

    private readonly record struct Region(float X, float Y, float Sin, float Cos, float FieldWidth, float FieldLength, float RoadHalfWidth, ulong Seed);
}
