using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Science.Correction;

/// <summary>How the two images of a pair were seen: which detector saw what on both dates, and how the track runs over the grid.</summary>
/// <param name="Grid">Full grid of the field.</param>
/// <param name="Layout">Regions of equal detectors on both dates; null when a footprint is missing or broken.</param>
/// <param name="TrackAngleDegrees">Tilt of the track, clockwise from North.</param>
/// <param name="Warnings">One plain sentence for each thing that could not be used.</param>
public sealed record PairGeometry(RasterGrid Grid, DetectorLayout? Layout, double TrackAngleDegrees, IReadOnlyList<string> Warnings)
{
    /// <summary>Never throws for what a footprint holds: without usable footprints the track angle of the orbit is used, and a warning says so.</summary>
    /// <param name="grid">Full grid of the field.</param>
    /// <param name="factor">Scan lines are this many full rows apart; see <see cref="DecimatedField.FactorFor"/>.</param>
    /// <param name="reference">Footprint of the matched band on the reference date, or null.</param>
    /// <param name="secondary">Footprint of the matched band on the secondary date, or null.</param>
    public static PairGeometry Create(RasterGrid grid, int factor, DetectorFootprint? reference, DetectorFootprint? secondary)
    {
        double expected = TrackFrame.Expected(grid).AngleDegrees;
        var warnings = new List<string>();
        foreach (var (name, footprint) in new[] { ("reference", reference), ("secondary", secondary) })
        {
            if (DetectorScan.Defect(footprint, grid) is { } defect)
                warnings.Add($"The detector footprint of the {name} image {defect}: detector steps are looked for along the track angle of the orbit ({expected:0.0} degrees) instead.");
        }

        if (warnings.Count > 0)
            return new PairGeometry(grid, null, expected, warnings);
        var layout = DetectorScan.Layout(reference!, secondary!, grid, factor);
        if (layout is null)
        {
            warnings.Add("The detector footprints of the two images do not overlap on the tile: detector steps are looked for along the track angle of the orbit instead.");
            return new PairGeometry(grid, null, expected, warnings);
        }

        return new PairGeometry(grid, layout, layout.TrackAngleDegrees(grid.PixelSizeMetres) ?? expected, warnings);
    }
}
