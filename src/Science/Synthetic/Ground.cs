using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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

    // Samples of grass along the border of a field.
    private const float Verge = 1.1f;

    // Wavelengths from here on are laid out on every fourth sample.
    private const int CoarseFrom = 24;

    private readonly ulong _seed;
    private readonly FractalNoise _texture, _softTexture, _fine, _hills, _pixelHills, _woods, _towns, _river;
    private readonly float _snowAbove, _waterBelow;

    public Ground(ulong seed, double waterFraction, double snowFraction, Window scenePixels)
    {
        _seed = seed;
        _texture = new FractalNoise(SeededNoise.Stream(seed, 1), 6, 1536, 0.35, below: CoarseFrom);
        _softTexture = new FractalNoise(SeededNoise.Stream(seed, 1), 6, 1536, 0.35, CoarseNoise.Step, from: CoarseFrom);
        _fine = new FractalNoise(SeededNoise.Stream(seed, 2), 2, 8, 0.2);
        _hills = new FractalNoise(SeededNoise.Stream(seed, 3), 64, 4096, 1.0, CoarseNoise.Step);
        _pixelHills = new FractalNoise(SeededNoise.Stream(seed, 3), 64, 4096, 1.0, SamplesPerPixel, SamplesPerPixel / 2);
        _woods = new FractalNoise(SeededNoise.Stream(seed, 4), 24, 1536, 0.7, CoarseNoise.Step);
        _towns = new FractalNoise(SeededNoise.Stream(seed, 5), 128, 1024, 0.8, CoarseNoise.Step);
        _river = new FractalNoise(SeededNoise.Stream(seed, 6), 128, 2048, 1.0, CoarseNoise.Step);
        var heights = SampledHeights(scenePixels);
        _waterBelow = waterFraction > 0 ? (float)OrderStatistics.Percentile(heights, 100 * waterFraction) : float.NegativeInfinity;
        _snowAbove = snowFraction > 0 ? (float)OrderStatistics.Percentile(heights, 100 * (1 - snowFraction)) : float.PositiveInfinity;
    }

    /// <param name="samples">Corner and sides are multiples of 8.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public GroundWindow Render(Window samples)
    {
        if (((samples.X | samples.Y | samples.Width | samples.Height) & (Block - 1)) != 0)
            throw new ArgumentException($"The ground is rendered in blocks of {Block} samples, not under {samples}.", nameof(samples));
        int count = samples.Width * samples.Height, width = samples.Width, blocks = width / Block;
        var ground = new GroundWindow(samples, new LandCover[count], new float[count], new float[count]);
        float[] texture = new float[width], fine = new float[width], hills = new float[width], woods = new float[width], towns = new float[width], river = new float[width];
        var textureRows = _texture.Columns(samples.X, width);
        var fineRows = _fine.Columns(samples.X, width);
        CoarseNoise softRows = new(_softTexture, samples.X, width), hillRows = new(_hills, samples.X, width), woodRows = new(_woods, samples.X, width),
            townRows = new(_towns, samples.X, width), riverRows = new(_river, samples.X, width);
        var regions = new Region[9 * blocks];
        var candidates = new int[blocks];
        for (int j = 0; j < samples.Height; j++)
        {
            int y = samples.Y + j;
            textureRows.Row(y, texture);
            softRows.Row(y, texture, add: true);
            fineRows.Row(y, fine);
            hillRows.Row(y, hills);
            woodRows.Row(y, woods);
            townRows.Row(y, towns);
            riverRows.Row(y, river);
            if (j % Block == 0)
            {
                for (int b = 0; b < blocks; b++)
                    candidates[b] = Candidates(samples.X + b * Block + Block / 2, y + Block / 2, regions.AsSpan(9 * b, 9));
            }

            Plot plot = default;
            for (int b = 0; b < blocks; b++)
            {
                var near = regions.AsSpan(9 * b, candidates[b]);
                int first = j * width + b * Block;
                if (near.Length == 1 && Uniform(
                    samples.X + b * Block, y, Vector256.LoadUnsafe(ref texture[b * Block]), Vector256.LoadUnsafe(ref fine[b * Block]), Vector256.LoadUnsafe(ref hills[b * Block]),
                    Vector256.LoadUnsafe(ref woods[b * Block]), Vector256.LoadUnsafe(ref towns[b * Block]), Vector256.LoadUnsafe(ref river[b * Block]), in near[0], ref plot,
                    ref ground.Green[first], ref ground.Brightness[first]) is { } cover)
                {
                    ground.Cover.AsSpan(first, Block).Fill(cover);
                    continue;
                }

                for (int i = b * Block; i < (b + 1) * Block; i++)
                {
                    int at = j * width + i;
                    ground.Cover[at] = Sample(
                        samples.X + i, y, texture[i], fine[i], hills[i], woods[i], towns[i], river[i], near, ref plot, out ground.Green[at], out ground.Brightness[at]);
                }
            }
        }

        return ground;
    }

    /// <summary>
    /// Most rows of a block lie in one wood, on one rock or in one field: the same formulas as in <see cref="Sample"/> for all eight samples at once. Null where
    /// they do not, or where water, snow or houses are near.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private LandCover? Uniform(
        int x, int y, Vector256<float> texture, Vector256<float> fine, Vector256<float> hills, Vector256<float> woods, Vector256<float> towns, Vector256<float> river,
        in Region region, ref Plot plot, ref float green, ref float brightness)
    {
        var one = Vector256<float>.One;
        var special = Vector256.LessThan(hills, Vector256.Create(_waterBelow)) | Vector256.GreaterThan(hills, Vector256.Create(_snowAbove))
            | (Vector256.LessThan(Vector256.Abs(river), Vector256.Create(0.012f) + 0.004f * towns) & Vector256.LessThan(hills, Vector256.Create(0.6f)));
        if (special != Vector256<float>.Zero)
            return null;
        var rock = Vector256.GreaterThan(hills + 0.2f * woods, Vector256.Create(0.95f)).AsUInt32();
        if (rock == Vector256<uint>.AllBitsSet)
        {
            Vector256.Min(Vector256.Max(Vector256.Create(0.25f) + 0.2f * woods, Vector256<float>.Zero), Vector256.Create(0.6f)).StoreUnsafe(ref green);
            (one + 0.10f * texture + 0.08f * fine).StoreUnsafe(ref brightness);
            return LandCover.Rock;
        }

        if (rock != Vector256<uint>.Zero || Vector256.GreaterThanAny(towns, Vector256.Create(1.5f)))
            return null;
        var wood = Vector256.GreaterThan(woods + 0.15f * fine, Vector256.Create(0.55f)).AsUInt32();
        if (wood == Vector256<uint>.AllBitsSet)
        {
            Vector256.Create(0.92f).StoreUnsafe(ref green);
            (one + 0.08f * texture + 0.11f * fine).StoreUnsafe(ref brightness);
            return LandCover.Forest;
        }

        if (wood != Vector256<uint>.Zero)
            return null;
        var east = Vector256.ConvertToSingle(Vector256.Create(x) + Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7)) - Vector256.Create(region.X);
        float south = y - region.Y;
        var row = (Vector256.Create(region.Cos * south) - region.Sin * east) * region.PerFieldWidth;
        var rowIndex = Vector256.Floor(row);
        int rowNumber = (int)rowIndex.ToScalar();
        if (rowIndex != Vector256.Create((float)rowNumber))
            return null;
        plot.Enter(region.Seed, rowNumber);
        var column = (region.Cos * east + Vector256.Create(region.Sin * south)) * region.PerFieldLength + Vector256.Create(plot.Shift);
        var columnIndex = Vector256.Floor(column);
        int columnNumber = (int)columnIndex.ToScalar();
        if (columnIndex != Vector256.Create((float)columnNumber))
            return null;
        plot.Enter(columnNumber);
        row -= rowIndex;
        column -= columnIndex;
        var edge = Vector256.LessThan(Vector256.Min(row, one - row), Vector256.Create(Verge * region.PerFieldWidth))
            | Vector256.LessThan(Vector256.Min(column, one - column), Vector256.Create(Verge * region.PerFieldLength));
        Vector256.ConditionalSelect(edge, Vector256.Create(0.5f), Vector256.Create(plot.Green)).StoreUnsafe(ref green);
        Vector256.ConditionalSelect(
            edge, Vector256.Create(0.9f) + 0.08f * fine, Vector256.Create(plot.Brightness) + (0.08f * texture + 0.06f * fine) * (1 - 0.4f * plot.Green)).StoreUnsafe(ref brightness);
        return LandCover.Field;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private LandCover Sample(
        int x, int y, float texture, float fine, float hills, float woods, float towns, float river, ReadOnlySpan<Region> regions, ref Plot plot,
        out float green, out float brightness)
    {
        green = 0;
        if (hills < _waterBelow || (Math.Abs(river) < 0.012f + 0.004f * towns && hills < 0.6f && hills <= _snowAbove))
        {
            brightness = 1 + 0.04f * texture;
            return LandCover.Water;
        }

        if (hills > _snowAbove)
        {
            brightness = 1 + 0.06f * texture + 0.02f * fine;
            return LandCover.Snow;
        }

        if (hills + 0.2f * woods > 0.95f)
        {
            green = Math.Clamp(0.25f + 0.2f * woods, 0, 0.6f);
            brightness = 1 + 0.10f * texture + 0.08f * fine;
            return LandCover.Rock;
        }

        // Nearest and second nearest region: between them runs a road.
        int nearest = 0, other = 0;
        if (regions.Length > 1)
        {
            float first = float.MaxValue, second = float.MaxValue;
            for (int k = 0; k < regions.Length; k++)
            {
                float dx = x + 0.5f - regions[k].X, dy = y + 0.5f - regions[k].Y, d = dx * dx + dy * dy;
                if (d < first)
                    (second, other, first, nearest) = (first, nearest, d, k);
                else if (d < second)
                    (second, other) = (d, k);
            }

            float gap = (second - first) / (2 * MathF.Sqrt(Square(regions[other].X - regions[nearest].X) + Square(regions[other].Y - regions[nearest].Y)));
            if (gap < regions[nearest].RoadHalfWidth)
            {
                green = 0.05f;
                brightness = 1 + 0.05f * fine;
                return LandCover.Road;
            }
        }

        ref readonly var region = ref regions[nearest];
        float u = region.Cos * (x - region.X) + region.Sin * (y - region.Y), v = region.Cos * (y - region.Y) - region.Sin * (x - region.X);
        if (towns > 1.5f)
        {
            // Blocks of 30 m with streets between.
            float bu = u * (1 / 13f), bv = v * (1 / 11f);
            int cu = (int)MathF.Floor(bu), cv = (int)MathF.Floor(bv);
            ulong house = SeededNoise.At(region.Seed, cu, cv);
            bool street = bu - cu < 0.22f || bv - cv < 0.22f;
            green = street ? 0.15f : 0.35f * SeededNoise.Uniform(house * 3);
            brightness = street ? 1 + 0.06f * fine : 1 + 0.16f * SeededNoise.Bell(house) + 0.08f * fine;
            return street ? LandCover.Road : LandCover.Settlement;
        }

        if (woods + 0.15f * fine > 0.55f)
        {
            green = 0.92f;
            brightness = 1 + 0.08f * texture + 0.11f * fine;
            return LandCover.Forest;
        }

        float row = v * region.PerFieldWidth;
        int rowIndex = (int)MathF.Floor(row);
        plot.Enter(region.Seed, rowIndex);
        float column = u * region.PerFieldLength + plot.Shift;
        int columnIndex = (int)MathF.Floor(column);
        plot.Enter(columnIndex);
        float inRow = row - rowIndex, inColumn = column - columnIndex;
        bool edge = Math.Min(inRow, 1 - inRow) < Verge * region.PerFieldWidth || Math.Min(inColumn, 1 - inColumn) < Verge * region.PerFieldLength;
        green = edge ? 0.5f : plot.Green;
        brightness = edge ? 0.9f + 0.08f * fine : plot.Brightness + (0.08f * texture + 0.06f * fine) * (1 - 0.4f * plot.Green);
        return LandCover.Field;
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
                near[k].X, near[k].Y, sin, cos, 1 / (36 + 90 * SeededNoise.Uniform(more)), 1 / (80 + 200 * SeededNoise.Uniform(SeededNoise.Mix(more))),
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
            int x = (scenePixels.X + scenePixels.Width * (2 * (k % Patches) + 1) / (2 * Patches)) / 2 * 2 * SamplesPerPixel - Side / 2;
            int y = (scenePixels.Y + scenePixels.Height * (2 * (k / Patches) + 1) / (2 * Patches)) / 2 * 2 * SamplesPerPixel - Side / 2;
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
        var rows = _pixelHills.Columns(pixels.X, pixels.Width);
        for (int y = 0; y < pixels.Height; y++)
            rows.Row(pixels.Y + y, hills.Row(y));
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

    private readonly record struct Region(float X, float Y, float Sin, float Cos, float PerFieldWidth, float PerFieldLength, float RoadHalfWidth, ulong Seed);

    /// <summary>The field last seen along a row: what its hashes say, so that they are formed once per field and not once per sample.</summary>
    private struct Plot
    {
        private ulong _region;
        private int _row, _column;
        private bool _rowKnown, _known;

        public float Shift, Green, Brightness;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Enter(ulong region, int row)
        {
            if (_rowKnown && row == _row && region == _region)
                return;
            (_region, _row, _rowKnown, _known) = (region, row, true, false);
            Shift = SeededNoise.Uniform(SeededNoise.At(region, row, -7));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Enter(int column)
        {
            if (_known && column == _column)
                return;
            (_column, _known) = (column, true);
            ulong field = SeededNoise.At(_region, column, _row);
            float shade = SeededNoise.Uniform(SeededNoise.Mix(field));
            Green = shade < 0.45f ? 0.3f + 0.15f * shade : 0.4f + 0.4f * shade;
            Brightness = 1 + 0.10f * SeededNoise.Bell(field);
        }
    }
}
