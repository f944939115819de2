using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Pipeline;

/// <summary>Which elevation files a job uses, settled while planning.</summary>
/// <param name="Files">Files for GDAL, later ones on top; empty for none.</param>
/// <param name="Sentence">What is used, in words.</param>
/// <param name="Warning">What the user should know, or null.</param>
public sealed record TerrainChoice(IReadOnlyList<string> Files, string Sentence, string? Warning)
{
    public static TerrainChoice Resolve(TerrainParameters parameters, string? demRoot, RasterGrid grid) => new([], "No terrain", null);
}
