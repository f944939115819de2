using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>Gives each cloud its shadow (Zhu and Woodcock 2012, Qiu et al. 2019; specification 8.2 to 8.4).</summary>
internal static class ShadowMatching
{
    private const int Neighbours = 14;
    private const int LeastAreaForPrior = 6;
    private const double PriorPercent = 82.5, GroundPercent = 82.5;
    private const double LargestPriorDeviationMetres = 1000;

    /// <returns>Shadow without cloud; how many clouds there are, and how many found their shadow.</returns>
    public static (BitMask Shadow, int Clouds, int Matched) Compute(Scene scene, BitMask cloud, BitMask potentialShadow, BitMask anyWater)
    {
        var objects = new ConnectedObjects(cloud);
        var ground = new ShadowGround(scene, objects.Labels(), cloud, potentialShadow, anyWater);
        var clouds = FromCentre(scene, Describe(scene, objects, ground));
        var searches = new ShadowSearch[clouds.Length];
        scene.Workers.Each(clouds.Length, i =>
        {
            clouds[i].Sample = SampleOf(clouds[i], scene.Parameters.ShadowSamplePixels);
            searches[i] = new ShadowSearch(clouds[i], ground);
            if (!searches[i].HasCandidate)
                clouds[i].Sample = [];
        });

        var heights = new double?[clouds.Length];
        var known = new KnownHeights(scene.Width, scene.Height);
        for (int i = 0; i < clouds.Length; i++)
        {
            heights[i] = searches[i].Decide(Expectation(clouds[i], known, exclude: -1));
            if (heights[i] is { } found && clouds[i].Area >= LeastAreaForPrior)
                known.Add(i, clouds[i].CentroidX, clouds[i].CentroidY, found);
        }

        // The first clouds had no neighbours to look at: they decide again.
        for (int i = 0; i < Math.Min(Neighbours, clouds.Length) && clouds.Length > Neighbours; i++)
            heights[i] = searches[i].Decide(Expectation(clouds[i], known, exclude: i));

        var shadow = new BitMask(scene.Width, scene.Height);
        int matched = 0;
        for (int i = 0; i < clouds.Length; i++)
        {
            if (heights[i] is not { } found)
                continue;
            matched++;
            ground.Mark(clouds[i], found, shadow);
        }

        return (shadow.AndNot(cloud).And(scene.Valid), clouds.Length, matched);
    }

    private static double Expectation(CloudObject cloud, KnownHeights known, int exclude)
    {
        var nearest = known.Nearest(cloud.CentroidX, cloud.CentroidY, Neighbours, exclude);
        if (nearest.Length < Neighbours)
            return 0;
        double mean = nearest.Average(), deviation = Math.Sqrt(nearest.Sum(h => (h - mean) * (h - mean)) / (nearest.Length - 1));
        double expected = OrderStatistics.Percentile(nearest.Select(static h => (float)h).ToArray(), PriorPercent);
        return deviation >= LargestPriorDeviationMetres || expected <= cloud.LowestBase || expected >= cloud.HighestBase ? 0 : expected;
    }

    private static CloudObject[] Describe(Scene scene, ConnectedObjects objects, ShadowGround ground)
    {
        var runs = objects.RunsByObject();
        var clouds = new CloudObject[runs.Length];
        double pixel = scene.Bands.PixelSizeMetres;
        scene.Workers.Each(runs.Length, label =>
        {
            double sumX = 0, sumY = 0;
            int area = 0;
            foreach (var run in runs[label])
            {
                area += run.Length;
                sumX += 0.5 * run.Length * (run.Start + run.End - 1);
                sumY += (double)run.Length * run.Y;
            }

            double x = sumX / area, y = sumY / area;
            double above = scene.Elevation is { } elevation ? GroundElevation(runs[label], area, elevation) - ground.PlaneMetres : 0;
            var (east, north) = scene.Angles.View?.At(scene.Angles.OffsetX + (x + 0.5) * pixel, scene.Angles.OffsetY + (y + 0.5) * pixel) ?? (0, 0);
            clouds[label] = new CloudObject
            {
                Label = label,
                Runs = runs[label],
                Area = area,
                CentroidX = x,
                CentroidY = y,
                GroundMetres = above,
                ViewColumnsPerMetre = east / pixel,
                ViewRowsPerMetre = -north / pixel,
                LowestBase = scene.Parameters.CloudBaseMinimum + above,
                HighestBase = scene.Parameters.CloudBaseMaximum + above,
            };
        });
        return clouds;
    }

    private static double GroundElevation(ConnectedObjects.Run[] runs, int area, Raster<float> elevation)
    {
        var values = new float[area];
        int count = 0;
        foreach (var run in runs)
        {
            elevation.Row(run.Y)[run.Start..run.End].CopyTo(values.AsSpan(count));
            count += run.Length;
        }

        return OrderStatistics.Percentile(values, GroundPercent);
    }

    private static (int X, int Y)[] SampleOf(CloudObject cloud, int largest)
    {
        var sample = new List<(int X, int Y)>(Math.Min(cloud.Area, largest + largest / 8));
        ulong threshold = cloud.Area <= largest ? uint.MaxValue : (ulong)((double)largest / cloud.Area * uint.MaxValue);
        uint ordinal = 0;
        foreach (var run in cloud.Runs)
        {
            for (int x = run.Start; x < run.End; x++)
            {
                // Multiplicative hashing of the ordinal: spread evenly, the same on every run.
                if (ordinal++ * 2654435761u <= threshold)
                    sample.Add((x, run.Y));
            }
        }

        return sample.ToArray();
    }

    /// <summary>Clouds from the centre of the valid area outwards, as Fmask 5 does: neighbours decide soon after one another.</summary>
    private static CloudObject[] FromCentre(Scene scene, CloudObject[] clouds)
    {
        double sumX = 0, sumY = 0;
        for (int y = 0; y < scene.Height; y++)
        {
            var row = scene.Valid.Row(y);
            long inRow = 0;
            for (int i = 0; i < row.Length; i++)
            {
                int bits = System.Numerics.BitOperations.PopCount(row[i]);
                inRow += bits;
                sumX += bits * (64.0 * i + 31.5);
            }

            sumY += (double)inRow * y;
        }

        double x0 = sumX / Math.Max(1, scene.ValidCount), y0 = sumY / Math.Max(1, scene.ValidCount);
        return clouds
            .OrderBy(cloud => (cloud.CentroidX - x0) * (cloud.CentroidX - x0) + (cloud.CentroidY - y0) * (cloud.CentroidY - y0))
            .ThenBy(cloud => cloud.Label)
            .ToArray();
    }
}
