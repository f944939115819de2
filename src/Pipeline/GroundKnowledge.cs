using GdmOptEtq.Imagery.Vectors;
using GdmOptEtq.Science.Correction;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline;

/// <summary>What the user's fault trace and stable area say about this tile, settled while planning.</summary>
/// <param name="Exclusions">Lines and rings in the reference system of the tile.</param>
/// <param name="Content">Digest of the files, for the keys of what is made with them; empty without files.</param>
public sealed record GroundKnowledge(CorrectionExclusions Exclusions, string Content)
{
    public static GroundKnowledge None { get; } = new(CorrectionExclusions.None, "");

    /// <exception cref="InputException">A file is missing, is not GeoJSON or KML, holds no line or polygon, or lies outside the tile.</exception>
    public static GroundKnowledge Read(GroundParameters parameters, RasterGrid grid)
    {
        string[] files = [.. new[] { parameters.FaultTrace, parameters.StableArea }.OfType<string>().Where(f => f.Length > 0)];
        if (files.Length == 0)
            return None;
        var traces = string.IsNullOrEmpty(parameters.FaultTrace) ? [] : VectorFile.ReadLines(parameters.FaultTrace, grid.EpsgCode);
        var areas = string.IsNullOrEmpty(parameters.StableArea) ? [] : VectorFile.ReadPolygons(parameters.StableArea, grid.EpsgCode);
        Check(traces, grid, $"The fault trace {parameters.FaultTrace}", "--fault-trace");
        Check(areas, grid, $"The stable area {parameters.StableArea}", "--stable-area");
        return new GroundKnowledge(new CorrectionExclusions(traces, areas), TerrainChoice.Digest(files));
    }

    private static void Check(IReadOnlyList<IReadOnlyList<(double Easting, double Northing)>> parts, RasterGrid grid, string what, string option)
    {
        if (parts.Count > 0 && !parts.Any(p => Touches(p, grid)))
            throw new InputException($"{what} lies outside the tile: check its coordinates (longitude first) and the tile, or leave {option} out.");
    }

    private static bool Touches(IReadOnlyList<(double Easting, double Northing)> part, RasterGrid grid) =>
        part.Min(p => grid.Column(p.Easting)) < grid.Width && part.Max(p => grid.Column(p.Easting)) > 0
        && part.Min(p => grid.Row(p.Northing)) < grid.Height && part.Max(p => grid.Row(p.Northing)) > 0;
}
