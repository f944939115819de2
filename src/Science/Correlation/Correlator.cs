using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// Regularised correlation: displacement of every pixel of the reference image, continuous to a small fraction of a pixel, sharp at faults.
/// The method is described in the README of this folder.
/// </summary>
public static class Correlator
{
    /// <summary>Enters the keys of stored results; changes whenever the numbers may change.</summary>
    public const string MethodVersion = "correlation-10";

    /// <summary>Pixels around a tile's core that must be given for the core not to depend on the tile.</summary>
    public static int Halo(CorrelationParameters p) => 84 + (int)Math.Ceiling(p.ExploredPixels);

    /// <summary>The displacement field of <paramref name="input"/>; see <see cref="DisplacementField"/> for signs and units.</summary>
    /// <exception cref="InputException">The images differ in size, or a parameter is outside its range.</exception>
    public static DisplacementField Match(MatchInput input, CorrelationParameters p, Workers workers) => Match(input, p, MethodConstants.Default, workers);

    // Compiled in full at once: the quick compiler holds on to every raster until the method ends, a sixth of the memory of a tile.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static DisplacementField Match(MatchInput input, CorrelationParameters p, MethodConstants constants, Workers workers)
    {
        Check(input, p);
        int width = input.Width, height = input.Height;
        if (width < 16 || height < 16)
            return DisplacementField.Empty(width, height, Validity.OutsideImage);
        var reference = ImagePyramid.Prepare(input.Reference, input.ReferenceValidity);
        var secondary = ImagePyramid.Prepare(input.Secondary, input.SecondaryValidity);
        int coarsest = CoarseSearch.Level(p.ExploredPixels);
        while (coarsest > 0 && Math.Min(width, height) >> coarsest < 8)
            coarsest--;
        reference.Extend(coarsest, workers);
        secondary.Extend(coarsest, workers);

        (Raster<float> Dx, Raster<float> Dy)? prior = input.Prior is null ? null : PriorField(input.Prior);
        var (dx, dy) = Begin(reference, secondary, coarsest, prior, p, workers);
        Refinement refinement = null!;
        for (int level = coarsest; level >= 0; level--)
        {
            var (w, h) = (reference.Image[level].Width, reference.Image[level].Height);
            if (level < coarsest)
                (dx, dy) = (Pyramid.Double(dx, w, h, 2, workers), Pyramid.Double(dy, w, h, 2, workers));
            refinement = new Refinement(reference.Image[level], secondary.Image[level], reference.Weight[level], secondary.Weight[level], dx, dy, level, p, constants, workers);
            refinement.Run();
        }

        return Finish(input, p, reference, secondary, refinement, dx, dy, prior, workers);
    }

    private static (Raster<float> Dx, Raster<float> Dy) Begin(
        ImagePyramid reference, ImagePyramid secondary, int level, (Raster<float> Dx, Raster<float> Dy)? prior, CorrelationParameters p, Workers workers)
    {
        var (target, votes) = (secondary.Image[level], reference.Weight[level]);
        var still = new Raster<float>(target.Width, target.Height);
        (Raster<float> Dx, Raster<float> Dy)? before = prior;
        if (before is { } field)
        {
            for (int l = 0; l < level; l++)
                field = (Pyramid.Halve(field.Dx, workers), Pyramid.Halve(field.Dy, workers));
            for (int i = 0; i < field.Dx.Pixels.Length; i++)
                (field.Dx.Pixels[i], field.Dy.Pixels[i]) = (field.Dx.Pixels[i] / (1 << level), field.Dy.Pixels[i] / (1 << level));
            before = field;
            target = Refinement.Warp(new CubicSpline(target, workers), field.Dx, field.Dy, workers);
        }

        if (Array.IndexOf(secondary.Weight[level].Pixels, 0f) >= 0)
            votes = Refinement.Votes(votes, secondary.Weight[level], before?.Dx ?? still, before?.Dy ?? still, workers);

        var (dx, dy) = CoarseSearch.Find(ImagePyramid.WithoutShading(reference.Image[level], workers), ImagePyramid.WithoutShading(target, workers),
            votes, p.ExploredPixels / (1 << level), Math.Max(3, p.WindowSize), workers);
        if (before is { } shift)
            for (int i = 0; i < dx.Pixels.Length; i++)
            {
                dx.Pixels[i] += shift.Dx.Pixels[i];
                dy.Pixels[i] += shift.Dy.Pixels[i];
            }

        return (dx, dy);
    }

    private static DisplacementField Finish(
        MatchInput input, CorrelationParameters p, ImagePyramid reference, ImagePyramid secondary, Refinement refinement, Raster<float> dx, Raster<float> dy, (Raster<float> Dx, Raster<float> Dy)? prior, Workers workers)
    {
        int width = input.Width, height = input.Height;
        var warped = Refinement.Warp(new CubicSpline(secondary.Image[0], workers), dx, dy, workers);
        var score = MatchQuality.Score(reference.Image[0], warped, refinement.Weight, p.WindowSize, workers);
        var (sigmaX, sigmaY) = refinement.Sigma();
        var validity = new Raster<Validity>(width, height);
        float explored = (float)p.ExploredPixels;
        workers.Rows(height, 32, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
                for (int x = 0; x < width; x++)
                {
                    int i = y * width + x;
                    var flags = input.ReferenceValidity.Pixels[i];
                    if (!float.IsFinite(input.Reference.Pixels[i]))
                        flags |= Validity.NoData;
                    float toX = x + dx.Pixels[i], toY = y + dy.Pixels[i];
                    int column = (int)MathF.Round(toX), row = (int)MathF.Round(toY);
                    if ((uint)column >= (uint)width || (uint)row >= (uint)height)
                        flags |= Validity.OutsideImage;
                    else
                    {
                        flags |= input.SecondaryValidity[column, row];
                        if (!float.IsFinite(input.Secondary[column, row]))
                            flags |= Validity.NoData;
                    }

                    float fromX = prior?.Dx.Pixels[i] ?? 0, fromY = prior?.Dy.Pixels[i] ?? 0;
                    if (MathF.Abs(dx.Pixels[i] - fromX) > explored || MathF.Abs(dy.Pixels[i] - fromY) > explored)
                        flags |= Validity.SearchLimit;
                    if (flags == Validity.Valid && !(float.IsFinite(score.Pixels[i]) && float.IsFinite(sigmaX.Pixels[i]) && float.IsFinite(sigmaY.Pixels[i])))
                        flags |= Validity.NoTexture;
                    validity.Pixels[i] = flags;
                    if (flags != Validity.Valid)
                        dx.Pixels[i] = dy.Pixels[i] = score.Pixels[i] = sigmaX.Pixels[i] = sigmaY.Pixels[i] = float.NaN;
                }
        });
        return new DisplacementField(dx, dy, score, sigmaX, sigmaY, validity);
    }

    private static (Raster<float> Dx, Raster<float> Dy) PriorField(DisplacementField prior)
    {
        var (dx, dy) = (prior.Dx.Clone(), prior.Dy.Clone());
        var weight = new Raster<float>(prior.Width, prior.Height);
        for (int i = 0; i < weight.Pixels.Length; i++)
            weight.Pixels[i] = prior.Validity.Pixels[i] == Validity.Valid && float.IsFinite(dx.Pixels[i]) && float.IsFinite(dy.Pixels[i]) ? 1 : 0;
        Pyramid.FillHoles(dx, weight);
        Pyramid.FillHoles(dy, weight);
        return (dx, dy);
    }

    private static void Check(MatchInput input, CorrelationParameters p)
    {
        int width = input.Width, height = input.Height;
        if (input.Secondary.Width != width || input.Secondary.Height != height)
            throw new InputException(
                $"The two images differ in size ({width} x {height} and {input.Secondary.Width} x {input.Secondary.Height} pixels): bring them to one grid first.");
        if (input.Prior is { } prior && (prior.Width != width || prior.Height != height))
            throw new InputException($"The prior field has {prior.Width} x {prior.Height} pixels, the images {width} x {height}: bring it to their grid first.");
        var failures = new List<ValidationResult>();
        if (!Validator.TryValidateObject(p, new ValidationContext(p), failures, true))
            throw new InputException($"Correlation parameters: {string.Join(" ", failures.Select(failure => failure.ErrorMessage))}");
    }
}
