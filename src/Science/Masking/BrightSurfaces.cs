namespace GdmOptEtq.Science.Masking;

/// <summary>Separates clouds from bright ground (towns, rock, snow on slopes): Qiu et al. 2019, the potential false positive layer and its removal.</summary>
internal static class BrightSurfaces
{
    private const double NeighbourhoodMetres = 250;
    private const double SteepSlope = 0.36397023426620234; // tan 20 degrees
    private const int LargeObjectPixels = 10_000, SmallestObjectPixels = 3;

    /// <summary>Ground that is easily taken for cloud.</summary>
    public static BitMask PotentialFalsePositives(Scene scene, BitMask potentialSnow, BitMask water, BitMask? strongDisplacement)
    {
        var layer = BuiltUpLines(scene).And(scene.Valid).AndNot(water);
        if (strongDisplacement is not null)
            layer.AndNot(strongDisplacement);
        if (scene.Elevation is { } elevation)
            layer.Or(SteepTerrain(scene, elevation).And(potentialSnow));
        int halfWidth = (int)(NeighbourhoodMetres / scene.Bands.PixelSizeMetres);
        return Morphology.Dilate(layer, StructuringElement.Square(halfWidth), scene.Workers).Or(potentialSnow).And(scene.Valid);
    }

    /// <summary>Clouds without what erosion and the displacement index show to be bright ground.</summary>
    public static BitMask Remove(Scene scene, BitMask probableCloud, BitMask falsePositives, BitMask water, BitMask? confidentDisplacement)
    {
        int radius = (int)Math.Round(scene.Parameters.BrightSurfaceErosionMetres / scene.Bands.PixelSizeMetres, MidpointRounding.AwayFromZero);
        var eroded = Morphology.Erode(probableCloud, StructuringElement.Disc(radius), scene.Workers);
        var remaining = probableCloud.Clone().AndNot(falsePositives.Clone().AndNot(eroded));
        var objects = new ConnectedObjects(probableCloud);
        var survives = objects.Touching(remaining);
        var cloud = Morphology.Dilate(remaining, StructuringElement.Disc(2 * radius), scene.Workers)
            .And(objects.Select(label => survives[label]))
            .Or(water.Clone().And(probableCloud));

        if (confidentDisplacement is not null)
        {
            var candidates = new ConnectedObjects(cloud);
            var areas = candidates.Areas();
            var displaced = candidates.Touching(confidentDisplacement);
            cloud = candidates.Select(label => areas[label] >= LargeObjectPixels || displaced[label]);
        }

        var last = new ConnectedObjects(cloud);
        var lastAreas = last.Areas();
        return last.Select(label => lastAreas[label] >= SmallestObjectPixels);
    }

    /// <summary>Built-up index stronger along one of four lines through the pixel than beside it, and stronger than the vegetation index.</summary>
    private static BitMask BuiltUpLines(Scene scene)
    {
        int width = scene.Width, height = scene.Height;
        var result = new BitMask(width, height);
        scene.Workers.Rows(height, 64, () => new float[3 * (width + 2)], (first, afterLast, scratch) =>
        {
            int stride = width + 2;
            for (int y = first; y < afterLast; y++)
            {
                for (int dy = -1; dy <= 1; dy++)
                    BuiltUpRow(scene, y + dy, scratch.AsSpan((dy + 1) * stride + 1, width));
                var a = scratch.AsSpan(0, stride);
                var b = scratch.AsSpan(stride, stride);
                var c = scratch.AsSpan(2 * stride, stride);
                ReadOnlySpan<float> nir = scene.Bands.NarrowNir.Row(y), red = scene.Bands.Red.Row(y);
                var to = result.Row(y);
                for (int x = 0; x < width; x++)
                {
                    float centre = b[x + 1];
                    float vertical = a[x + 1] + centre + c[x + 1], horizontal = b[x] + centre + b[x + 2];
                    float diagonal = a[x] + centre + c[x + 2], antidiagonal = a[x + 2] + centre + c[x];
                    float all = vertical + horizontal + diagonal + antidiagonal - 3 * centre;
                    // Weight 2 on the line and -1 on the other six pixels, divided by 6.
                    float line = (3 * Math.Max(Math.Max(vertical, horizontal), Math.Max(diagonal, antidiagonal)) - all) / 6;
                    if (line > 0 && line > SpectralIndices.NormalisedDifference(nir[x], red[x]))
                        to[x >> 6] |= 1UL << (x & 63);
                }
            }
        });
        return result;
    }

    private static void BuiltUpRow(Scene scene, int y, Span<float> row)
    {
        if ((uint)y >= (uint)scene.Height)
        {
            row.Clear();
            return;
        }

        ReadOnlySpan<float> nir = scene.Bands.NarrowNir.Row(y), swir1 = scene.Bands.Swir1.Row(y);
        var flags = scene.Bands.Flags.Row(y);
        for (int x = 0; x < row.Length; x++)
            row[x] = (flags[x] & PixelFlags.Null) != 0 ? 0 : SpectralIndices.BuiltUp(swir1[x], nir[x]);
    }

    private static BitMask SteepTerrain(Scene scene, Rasters.Raster<float> elevation)
    {
        int width = scene.Width;
        var result = new BitMask(width, scene.Height);
        scene.Workers.Rows(scene.Height, 64, () => (East: new float[width], South: new float[width], Rows: TerrainGradient.Scratch(width)), (first, afterLast, scratch) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                TerrainGradient.Row(elevation, scene.Bands.PixelSizeMetres, y, scratch.East, scratch.South, scratch.Rows);
                for (int x = 0; x < width; x++)
                {
                    if (scratch.East[x] * scratch.East[x] + scratch.South[x] * scratch.South[x] > SteepSlope * SteepSlope)
                        result[x, y] = true;
                }
            }
        });
        return result;
    }
}
