using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>What a matcher adds to a field: noise and holes.</summary>
public sealed record ErrorFieldParameters
{
    [Description("White noise of each field sample, px")]
    [Range(0.0, 5.0)]
    public double NoisePixels { get; init; } = 0.05;

    [Description("Share of the field without a value, in round patches")]
    [Range(0.0, 0.9)]
    public double MaskedFraction { get; init; } = 0.05;

    [Description("Mean radius of the patches, metres")]
    [Range(10.0, 50000.0)]
    public double MaskedPatchRadiusMetres { get; init; } = 1200;
}

/// <summary>A field with all its errors, beside what would be right.</summary>
/// <param name="Field">Truth plus errors, pixels of 10 m; NaN and <see cref="Validity.Decorrelated"/> in the holes.</param>
/// <param name="TruthDx">Ground motion to the East, pixels of 10 m.</param>
/// <param name="TruthDy">Ground motion to the South, pixels of 10 m.</param>
/// <param name="ReferenceDetectors">Detector of the earlier image at each sample.</param>
/// <param name="SecondaryDetectors">Detector of the later image at each sample.</param>
public sealed record SimulatedField(
    DisplacementField Field, Raster<float> TruthDx, Raster<float> TruthDy, Raster<byte> ReferenceDetectors, Raster<byte> SecondaryDetectors);

/// <summary>
/// Displacement fields without images: the ground motion, plus the difference of the geolocation errors of two images, plus matching noise and holes.
/// For corrections, filters and statistics, which never see an image (<c>specs/corrections.md</c> section 12).
/// </summary>
public static class ErrorField
{
    /// <summary>Side of the pixel in which all displacements are counted.</summary>
    public const double PixelMetres = 10;

    /// <param name="grid">Where the samples lie; any spacing, e.g. 1098 x 1098 samples of 100 m for a Sentinel-2 tile.</param>
    /// <param name="faults">The earthquake; empty for none.</param>
    /// <param name="reference">Errors of the earlier image.</param>
    /// <param name="secondary">Errors of the later image.</param>
    /// <param name="seed">Of the noise and the holes; give each pair its own.</param>
    public static SimulatedField Create(
        RasterGrid grid, IReadOnlyList<OkadaFault> faults, GeometricError reference, GeometricError secondary,
        ErrorFieldParameters parameters, ulong seed, Workers workers)
    {
        var (east, north) = Okada.Displacement(faults, grid, workers);
        var truthDx = new Raster<float>(grid.Width, grid.Height);
        var truthDy = new Raster<float>(grid.Width, grid.Height);
        var field = DisplacementField.Empty(grid.Width, grid.Height, Validity.Decorrelated);
        var holes = Holes(grid, parameters, seed);
        ulong noiseX = SeededNoise.Stream(seed, 11), noiseY = SeededNoise.Stream(seed, 12);
        workers.Rows(grid.Height, 8, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                double northing = grid.Northing(y + 0.5);
                for (int x = 0; x < grid.Width; x++)
                {
                    truthDx[x, y] = (float)(east[x, y] / PixelMetres);
                    truthDy[x, y] = (float)(-north[x, y] / PixelMetres);
                    if (holes[x, y])
                        continue;
                    double easting = grid.Easting(x + 0.5);
                    var (refX, refY) = reference.At(easting, northing);
                    var (secX, secY) = secondary.At(easting, northing);
                    field.Dx[x, y] = (float)(truthDx[x, y] + secX - refX + parameters.NoisePixels * SeededNoise.Normal(SeededNoise.At(noiseX, x, y)));
                    field.Dy[x, y] = (float)(truthDy[x, y] + secY - refY + parameters.NoisePixels * SeededNoise.Normal(SeededNoise.At(noiseY, x, y)));
                    field.Score[x, y] = 0.9f;
                    field.SigmaDx[x, y] = field.SigmaDy[x, y] = (float)parameters.NoisePixels;
                    field.Validity[x, y] = Validity.Valid;
                }
            }
        });
        return new SimulatedField(field, truthDx, truthDy, reference.DetectorMap(grid), secondary.DetectorMap(grid));
    }

    private static Raster<bool> Holes(RasterGrid grid, ErrorFieldParameters parameters, ulong seed)
    {
        var holes = new Raster<bool>(grid.Width, grid.Height);
        long wanted = (long)(parameters.MaskedFraction * grid.Bounds.PixelCount), made = 0;
        var draws = new SeededSequence(SeededNoise.Stream(seed, 13));
        while (made < wanted)
        {
            int centreX = (int)draws.Uniform(0, grid.Width), centreY = (int)draws.Uniform(0, grid.Height);
            double radius = Math.Max(0.6, parameters.MaskedPatchRadiusMetres * draws.Uniform(0.3, 1.7) / grid.PixelSizeMetres);
            int reach = (int)radius + 1;
            var patch = new Window(centreX - reach, centreY - reach, 2 * reach + 1, 2 * reach + 1).Intersect(grid.Bounds);
            for (int y = patch.Y; y < patch.Bottom && made < wanted; y++)
            {
                for (int x = patch.X; x < patch.Right && made < wanted; x++)
                {
                    double dx = x - centreX, dy = y - centreY;
                    if (holes[x, y] || dx * dx + dy * dy > radius * radius)
                        continue;
                    holes[x, y] = true;
                    made++;
                }
            }
        }

        return holes;
    }
}
