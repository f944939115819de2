using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Synthetic;

namespace GdmOptEtq.Pipeline.Accuracy;

/// <summary>A scene made for measuring: other ground, fault and seed than any stored one, so that nothing can be tuned to it.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Seed">Ground and noise.</param>
/// <param name="StrikeDegrees">Direction of the fault through the middle, clockwise from North.</param>
/// <param name="ChangeFraction">Share of the variance that is another texture on the second date.</param>
public sealed record SimulatedScene(string Name, int Seed, double StrikeDegrees, double ChangeFraction)
{
    private const double RampPixels = 0.5;

    /// <summary>The scenes of <c>gdm bench accuracy</c> without arguments.</summary>
    public static IReadOnlyList<SimulatedScene> Defaults { get; } =
    [
        new("simulated, unchanged", 101, 35, 0), new("simulated, 10 % changed", 202, 80, 0.1), new("simulated, 30 % changed", 303, 140, 0.3),
    ];

    /// <summary>Band B04 before and after a strike-slip rupture of 0.8 px (and a ramp of 0.5 px) that reaches the surface and crosses the scene, and its truth.</summary>
    /// <param name="size">Side in pixels, a multiple of 6.</param>
    public (MatchInput Input, SceneTruth Truth) Render(int size, Workers workers)
    {
        var grid = new RasterGrid(32633, 500000, 5000000, 10, size, size);
        double middle = 5.0 * size;
        var fault = new OkadaFault(500000 + middle, 5000000 - middle, StrikeDegrees, 40.0 * size, 20.0 * size, 8);
        var motion = new GroundMotion([fault], grid, workers);
        // A ramp on the second image, so that every sub-pixel shift occurs.
        var still = new GeometricError(GeometricErrorParameters.None, grid, (ulong)Seed, 0);
        var ramp = new GeometricError(GeometricErrorParameters.None with { RampPixels = RampPixels }, grid, (ulong)Seed, 1);
        var scene = new Scene(
            new SceneParameters { Seed = Seed, ChangeFraction = ChangeFraction }, grid, motion, [new SceneImage(0, false, still), new SceneImage(1, true, ramp)]);
        var images = scene.Render([0, 1], [SceneBands.B04], 0, workers);
        var (dx, dy) = motion.Truth(grid, workers);
        AddError(ramp, grid, dx, dy);
        var input = MatchInput.AllValid(AsFloat(images.Bands[0][0]), AsFloat(images.Bands[1][0]));
        return (input, new SceneTruth(dx, dy, DistanceTo(fault, grid)));
    }

    // The error is that of the place where the ground is seen, p + d, not of p; it changes so slowly that two rounds settle it.
    private static void AddError(GeometricError error, RasterGrid grid, Raster<float> dx, Raster<float> dy)
    {
        for (int y = 0; y < grid.Height; y++)
        {
            for (int x = 0; x < grid.Width; x++)
            {
                double u = dx[x, y], v = dy[x, y];
                for (int round = 0; round < 3; round++)
                {
                    var (ex, ey) = error.At(grid.Easting(x + 0.5 + u), grid.Northing(y + 0.5 + v));
                    (u, v) = (dx[x, y] + ex, dy[x, y] + ey);
                }

                (dx[x, y], dy[x, y]) = ((float)u, (float)v);
            }
        }
    }

    private static Raster<float> AsFloat(Raster<ushort> image) => new(image.Width, image.Height, Array.ConvertAll(image.Pixels, v => (float)v));

    private static Raster<float> DistanceTo(OkadaFault fault, RasterGrid grid)
    {
        var (sin, cos) = Math.SinCos(fault.StrikeDegrees * Math.PI / 180);
        var distance = new Raster<float>(grid.Width, grid.Height);
        for (int y = 0; y < grid.Height; y++)
        {
            for (int x = 0; x < grid.Width; x++)
                distance[x, y] = (float)(((grid.Easting(x + 0.5) - fault.Easting) * cos - (grid.Northing(y + 0.5) - fault.Northing) * sin) / grid.PixelSizeMetres);
        }

        return distance;
    }
}
