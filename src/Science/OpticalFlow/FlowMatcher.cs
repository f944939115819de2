using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.OpticalFlow;

/// <summary>
/// Dense optical flow of the GeFolki class: Plyer, Le Besnerais and Champagnat (2015, eFOLKI) and Brigot, Colin-Koeniguer, Plyer and Janez (2016, GeFolki).
/// Ranks instead of intensities, a pyramid from coarse to fine, and at each level Lucas-Kanade over a list of shrinking windows; at full resolution their solutions are fused by expected error. See the README beside.
/// </summary>
public static class FlowMatcher
{
    /// <summary>Part of the key of everything computed with this method; changes when the result does.</summary>
    public const string MethodVersion = "optical-flow-2";

    private const int RowsPerBand = 64;

    // A level narrower than this says nothing that the next finer one does not.
    private const int SmallestLevelPixels = 24;

    // A standard error beyond this is no measurement.
    private const float LargestSigmaPixels = 1f;

    /// <summary>
    /// Pixels around a tile that its core depends on. The pyramid reaches further in principle; beyond this distance the influence is below
    /// 0.01 px rms (measured, and held by a test).
    /// </summary>
    public static int Halo(OpticalFlowParameters p)
    {
        int largest = p.RadiusList().Max();
        return 2 * largest + p.FlowRankRadius + (4 << p.FlowLevels) + 16;
    }

    /// <summary>
    /// Displacement of every pixel of the reference, pixels, East and South positive; NaN with a reason where there is none.
    /// </summary>
    /// <exception cref="InputException">The images differ in size, or a parameter cannot be used.</exception>
    public static DisplacementField Match(MatchInput input, OpticalFlowParameters p, Workers workers)
    {
        int width = input.Width, height = input.Height;
        if (input.Secondary.Width != width || input.Secondary.Height != height)
            throw new InputException($"The reference has {width} x {height} pixels and the secondary {input.Secondary.Width} x {input.Secondary.Height}: give two images on one grid.");
        var radii = p.RadiusList();
        if (width == 0 || height == 0)
            return DisplacementField.Empty(width, height, Validity.NoData);

        var mask0 = MaskOf(input.Reference, input.ReferenceValidity);
        var mask1 = MaskOf(input.Secondary, input.SecondaryValidity);
        var reference = RobustScale(input.Reference, mask0);
        var secondary = RobustScale(input.Secondary, mask1);
        int levels = UsableLevels(width, height, p.FlowLevels);
        var (dx, dy) = InitialField(input, 1 << levels);
        float limit = (2 << levels) + (1 << levels) * Largest(dx, dy);

        var pyramid = new (Raster<float> Reference, Raster<float> ReferenceMask, Raster<float> Secondary, Raster<float> SecondaryMask)[levels + 1];
        pyramid[0] = (Clip(reference), mask0, Clip(secondary), mask1);
        for (int i = 1; i <= levels; i++)
        {
            var finer = pyramid[i - 1];
            var (image0, coarseMask0) = BurtPyramid.Decimate(finer.Reference, finer.ReferenceMask, workers);
            var (image1, coarseMask1) = BurtPyramid.Decimate(finer.Secondary, finer.SecondaryMask, workers);
            pyramid[i] = (image0, coarseMask0, image1, coarseMask1);
        }

        FlowLevel level = null!;
        FlowSolver solver = null!;
        var (eastward, southward) = (new List<(Raster<float>, Raster<float>)>(), new List<(Raster<float>, Raster<float>)>());
        for (int i = levels; i >= 0; i--)
        {
            if (i < levels)
                (dx, dy) = (Finer(dx, pyramid[i].Reference), Finer(dy, pyramid[i].Reference));
            level = FlowLevel.Create(pyramid[i].Reference, pyramid[i].ReferenceMask, pyramid[i].Secondary, pyramid[i].SecondaryMask, p, workers);
            solver = new FlowSolver(level, workers);
            foreach (int radius in radii)
            {
                solver.Refine(dx, dy, radius, p.FlowIterations, limit / (1 << i));
                if (i > 0)
                    continue;
                int correlationRadius = Math.Max(1, Math.Min(radius / 2, p.FlowRankRadius + 2));
                var (errorX, errorY) = FlowQuality.StandardErrors(level, solver.Mask, dx, dy, radius, correlationRadius, workers);
                eastward.Add((dx.Clone(), errorX));
                southward.Add((dy.Clone(), errorY));
            }
        }

        Raster<float> sigmaX, sigmaY;
        (dx, sigmaX) = ScaleFusion.Fuse(LargestFirst(eastward, radii), workers);
        (dy, sigmaY) = ScaleFusion.Fuse(LargestFirst(southward, radii), workers);
        var score = FlowQuality.Score(reference, SplineImage.Of(secondary, workers), solver.Mask, dx, dy, p.FlowScoreWindowSize, workers);
        var field = new DisplacementField(dx, dy, score, sigmaX, sigmaY, new Raster<Validity>(width, height));
        workers.Rows(height, RowsPerBand, (first, afterLast) => Judge(field, input, mask0, mask1, limit, first, afterLast));
        return field;
    }

    private static List<(Raster<float>, Raster<float>)> LargestFirst(List<(Raster<float>, Raster<float>)> solutions, IReadOnlyList<int> radii) =>
        Enumerable.Range(0, radii.Count).OrderByDescending(i => radii[i]).Select(i => solutions[i]).ToList();

    /// <summary>As many halvings as the image bears.</summary>
    internal static int UsableLevels(int width, int height, int wanted)
    {
        int levels = 0;
        while (levels < wanted && Math.Min(width, height) >> (levels + 1) >= SmallestLevelPixels)
            levels++;
        return levels;
    }

    private static Raster<float> MaskOf(Raster<float> image, Raster<Validity> validity)
    {
        var mask = new Raster<float>(image.Width, image.Height);
        for (int i = 0; i < mask.Pixels.Length; i++)
            mask.Pixels[i] = validity.Pixels[i] == Validity.Valid && float.IsFinite(image.Pixels[i]) ? 1 : 0;
        return mask;
    }

    // The 0.5 % and 99.5 % points become 0 and 1: unlike minimum and maximum they do not hang on single pixels. Masked pixels become 0.5.
    private static Raster<float> RobustScale(Raster<float> image, Raster<float> mask)
    {
        const int Sample = 1 << 17;
        int stride = Math.Max(1, image.Pixels.Length / Sample);
        // An odd stride that is no divisor of the width visits all columns.
        if (stride > 1)
            stride |= 1;
        var values = new List<float>(Math.Min(image.Pixels.Length, 2 * Sample));
        for (int i = 0; i < image.Pixels.Length; i += stride)
        {
            if (mask.Pixels[i] != 0)
                values.Add(image.Pixels[i]);
        }

        var span = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(values);
        double low = span.IsEmpty ? 0 : OrderStatistics.Percentile(span, 0.5), high = span.IsEmpty ? 1 : OrderStatistics.Percentile(span, 99.5);
        double scale = high > low ? 1 / (high - low) : 0;
        var scaled = new Raster<float>(image.Width, image.Height);
        for (int i = 0; i < scaled.Pixels.Length; i++)
            scaled.Pixels[i] = mask.Pixels[i] == 0 ? 0.5f : (float)((image.Pixels[i] - low) * scale);
        return scaled;
    }

    private static Raster<float> Clip(Raster<float> image)
    {
        var clipped = new Raster<float>(image.Width, image.Height);
        for (int i = 0; i < clipped.Pixels.Length; i++)
            clipped.Pixels[i] = Math.Clamp(image.Pixels[i], 0, 1);
        return clipped;
    }

    // The prior, averaged over the valid pixels under each coarse one; zero without.
    private static (Raster<float> Dx, Raster<float> Dy) InitialField(MatchInput input, int factor)
    {
        int width = input.Width, height = input.Height;
        for (int f = factor; f > 1; f /= 2)
            (width, height) = ((width + 1) / 2, (height + 1) / 2);
        var (dx, dy) = (new Raster<float>(width, height), new Raster<float>(width, height));
        if (input.Prior is not { } prior)
            return (dx, dy);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                var cell = new Window(x * factor - factor / 2, y * factor - factor / 2, factor, factor).Intersect(input.Reference.Bounds);
                double sumX = 0, sumY = 0;
                int count = 0;
                for (int row = cell.Y; row < cell.Bottom; row++)
                {
                    for (int column = cell.X; column < cell.Right; column++)
                    {
                        float u = prior.Dx[column, row], v = prior.Dy[column, row];
                        if (prior.Validity[column, row] != Validity.Valid || !float.IsFinite(u) || !float.IsFinite(v))
                            continue;
                        sumX += u;
                        sumY += v;
                        count++;
                    }
                }

                dx[x, y] = count == 0 ? 0 : (float)(sumX / count / factor);
                dy[x, y] = count == 0 ? 0 : (float)(sumY / count / factor);
            }
        }

        return (dx, dy);
    }

    private static float Largest(Raster<float> dx, Raster<float> dy)
    {
        float largest = 0;
        for (int i = 0; i < dx.Pixels.Length; i++)
            largest = Math.Max(largest, Math.Max(Math.Abs(dx.Pixels[i]), Math.Abs(dy.Pixels[i])));
        return largest;
    }

    // Twice the displacement on twice the grid, bilinear; pixel (x, y) of the coarse grid lies on (2x, 2y) of the fine one.
    private static Raster<float> Finer(Raster<float> coarse, Raster<float> like)
    {
        var fine = new Raster<float>(like.Width, like.Height);
        for (int y = 0; y < fine.Height; y++)
        {
            var upper = coarse.Row(y / 2);
            var lower = coarse.Row(Math.Min((y + 1) / 2, coarse.Height - 1));
            var row = fine.Row(y);
            for (int x = 0; x < fine.Width; x++)
            {
                int left = x / 2, right = Math.Min((x + 1) / 2, coarse.Width - 1);
                row[x] = 0.5f * (upper[left] + upper[right] + lower[left] + lower[right]);
            }
        }

        return fine;
    }

    private static void Judge(
        DisplacementField field, MatchInput input, Raster<float> mask0, Raster<float> mask1, float limit, int first, int afterLast)
    {
        int width = field.Width, height = field.Height;
        for (int y = first; y < afterLast; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float u = field.Dx[x, y], v = field.Dy[x, y];
                var reason = input.ReferenceValidity[x, y];
                if (reason == Validity.Valid && mask0[x, y] == 0)
                    reason |= Validity.NoData;
                int column = (int)MathF.Round(x + u), row = (int)MathF.Round(y + v);
                if ((uint)column >= (uint)width || (uint)row >= (uint)height)
                    reason |= Validity.OutsideImage;
                else if (mask1[column, row] == 0)
                    reason |= input.SecondaryValidity[column, row] == Validity.Valid ? Validity.NoData : input.SecondaryValidity[column, row];
                float larger = Math.Max(field.SigmaDx[x, y], field.SigmaDy[x, y]);
                if (!(larger <= LargestSigmaPixels) || !float.IsFinite(field.Score[x, y]))
                    reason |= Validity.NoTexture;
                if (Math.Max(Math.Abs(u), Math.Abs(v)) >= limit)
                    reason |= Validity.SearchLimit;
                if (reason == Validity.Valid)
                    continue;
                field.Validity[x, y] = reason;
                field.Dx[x, y] = field.Dy[x, y] = field.Score[x, y] = field.SigmaDx[x, y] = field.SigmaDy[x, y] = float.NaN;
            }
        }
    }
}
