using System.Globalization;
using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Pipeline.ResultDocuments;

/// <summary>What the documents beside a result say about the whole of it: of one tile, or of the mosaic of several.</summary>
/// <param name="Identifier">The item's id.</param>
/// <param name="Place">Tile or tiles.</param>
/// <param name="Summary">One sentence: what was measured, where, when.</param>
/// <param name="Begin">First image, UTC.</param>
/// <param name="End">Last image, UTC.</param>
/// <param name="Inputs">Names of the products.</param>
/// <param name="Parts">Tiles that have a result of their own beside it; empty for one tile.</param>
internal sealed record ResultSubject(
    string Identifier, string Place, string Summary, RasterGrid Grid, DateTimeOffset Begin, DateTimeOffset End, IReadOnlyList<string> Inputs, IReadOnlyList<string> Parts,
    bool HasGaps, JobParameters Parameters)
{
    public static ResultSubject Of(JobPlan plan) => Of([plan], plan.Grid, ProductNames.Identifier(plan));

    /// <param name="plans">Stacks of the mosaic; the first one names it.</param>
    /// <param name="grid">That of the mosaic.</param>
    public static ResultSubject Of(IReadOnlyList<JobPlan> plans, RasterGrid grid, string identifier)
    {
        var images = plans.SelectMany(plan => plan.Images).ToList();
        DateTimeOffset begin = images.Min(image => image.Acquisition.SensingTime), end = images.Max(image => image.Acquisition.SensingTime);
        string place = string.Join(", ", plans.Select(plan => plan.Tile));
        string summary = string.Create(
            CultureInfo.InvariantCulture,
            $"Horizontal ground displacement of Sentinel-2 tile{(plans.Count > 1 ? "s" : "")} {place} between {begin.UtcDateTime:yyyy-MM-dd} and {end.UtcDateTime:yyyy-MM-dd}, by sub-pixel matching of {images.Count} images in {plans.Sum(plan => plan.Pairs.Count)} pairs.");
        return new ResultSubject(
            identifier, place, summary, grid, begin, end, [.. images.Select(image => image.Product.Name)], plans.Count > 1 ? [.. plans.Select(plan => plan.Tile)] : [],
            plans.Any(plan => plan.Holes.Count > 0), plans[0].Parameters);
    }
}
