using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Pipeline.Stages;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Pairing;

namespace GdmOptEtq.Pipeline;

/// <summary>
/// The whole flow on one screen. Each line is one arrow of the data flow and one class of Stages/: its output has a key, is skipped if it is there, and is
/// all that the next stage reads.
/// </summary>
public static class DisplacementPipeline
{
    /// <summary>From a plan to the keys of everything that the products are made of.</summary>
    /// <exception cref="NoValidResultException">An image holds no usable pixel, or no pixel has a valid displacement.</exception>
    public static StackOutput Run(JobPlan plan, StageContext work)
    {
        var terrain = PrepareTerrain.Run(plan, work);

        var images = new Dictionary<AcquisitionId, PreparedImage>();
        foreach (var image in plan.Images)
            images[image.Acquisition.Id] = Prepare(image, plan, work);

        NoValidResultException.ThrowIfUnusable(images.Values, work);

        var corrected = new Dictionary<ImagePair, (WorkKey Field, WorkKey Corrected)>();
        foreach (var pair in plan.Pairs)
        {
            var (reference, secondary) = (images[pair.Reference.Id], images[pair.Secondary.Id]);
            var field = MosaicPair.Run(pair, reference, secondary, (tile, share) => CorrelateTile.Run(pair, reference, secondary, tile, plan, share), plan, work);
            corrected[pair] = (field, CorrectPair.Run(pair, field, plan, work));
        }

        var pairs = new List<PairOutput>();
        foreach (var (pair, (field, correctedField)) in corrected)
        {
            WorkKey? backward = plan.Parameters.Filtering.ConsistencyTest && corrected.TryGetValue(pair.Swapped, out var swapped) ? swapped.Corrected : null;
            pairs.Add(FilterPair.Run(pair, field, correctedField, backward, terrain, plan, work));
        }

        var stack = SummariseStack.Run(pairs, plan, work);
        NoValidResultException.ThrowIfEmpty(SummariseStack.ReadCounts(stack, work.Store));
        return new StackOutput(terrain, images, pairs, stack);
    }

    /// <summary>One image on its own: mask, then band and validity.</summary>
    public static PreparedImage Prepare(PlannedImage image, JobPlan plan, StageContext work)
    {
        WorkKey? mask = JobPlan.HasSpectralMask(image) ? MaskAcquisition.Run(image, plan, work) : null;
        return PrepareAcquisition.Run(image, mask, plan, work);
    }
}

/// <summary>Keys of everything that the products are made of.</summary>
public sealed record StackOutput(WorkKey? Terrain, IReadOnlyDictionary<AcquisitionId, PreparedImage> Images, IReadOnlyList<PairOutput> Pairs, WorkKey Stack);
