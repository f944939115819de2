namespace GdmOptEtq.Science.Masking;

/// <summary>
/// Search for the height of one cloud: its projection along the sun's rays is moved outwards until dark ground under it is followed by less dark ground
/// (specification 8.3). Stops where the first candidate stands; only what follows depends on the heights of neighbouring clouds, so that the costly first
/// part can run for all clouds at once.
/// </summary>
internal sealed class ShadowSearch
{
    private const double Buffer = 0.90, Enough = 0.95;

    private readonly CloudObject cloud;
    private readonly ShadowGround ground;
    private double height;
    private double best;
    private double bestHeight;
    private double previousDistance;
    private bool away;
    private double candidateSimilarity;

    public ShadowSearch(CloudObject cloud, ShadowGround ground)
    {
        this.cloud = cloud;
        this.ground = ground;
        height = cloud.LowestBase;
        HasCandidate = Advance();
    }

    private ShadowSearch(ShadowSearch other)
    {
        (cloud, ground, height, best, bestHeight) = (other.cloud, other.ground, other.height, other.best, other.bestHeight);
        (previousDistance, away, candidateSimilarity, HasCandidate) = (other.previousDistance, other.away, other.candidateSimilarity, other.HasCandidate);
    }

    /// <summary>Whether some height was good enough to be decided about.</summary>
    public bool HasCandidate { get; }

    /// <summary>
    /// Height above the reference plane at which the shadow was found, or null. May be asked again with another expectation.
    /// </summary>
    /// <param name="expectedHeight">Height that neighbouring clouds suggest, 0 for none.</param>
    public double? Decide(double expectedHeight) => HasCandidate ? new ShadowSearch(this).Continue(expectedHeight) : null;

    private double? Continue(double expectedHeight)
    {
        while (true)
        {
            if (height >= expectedHeight)
                return bestHeight;
            if (candidateSimilarity >= best || candidateSimilarity >= Enough)
                (best, bestHeight) = (candidateSimilarity, height);
            height += ground.HeightStep;
            if (expectedHeight > 0 && height >= expectedHeight)
                return bestHeight;
            if (!Advance(expectedHeight))
                return height >= expectedHeight && height <= cloud.HighestBase ? bestHeight : null;
        }
    }

    /// <summary>Tries heights until one asks for a decision; false when none is left, or the limit is reached.</summary>
    private bool Advance(double limit = double.PositiveInfinity)
    {
        for (; height <= cloud.HighestBase && height < limit; height += ground.HeightStep)
        {
            var (similarity, distance, allWater) = ground.Compare(cloud, height);
            if (!away && height > cloud.LowestBase)
            {
                if (distance <= previousDistance || distance < ground.LeastDistance)
                {
                    previousDistance = distance;
                    best = 0;
                    continue;
                }

                away = true;
            }

            previousDistance = distance;
            if (allWater)
            {
                height = double.PositiveInfinity;
                return false;
            }

            if (double.IsNaN(similarity))
                continue;
            if (similarity >= Buffer * best && height < cloud.HighestBase - ground.HeightStep && best < Enough)
            {
                if (similarity > best)
                    (best, bestHeight) = (similarity, height);
                continue;
            }

            if (best < ground.LeastSimilarity)
            {
                best = 0;
                continue;
            }

            candidateSimilarity = similarity;
            return true;
        }

        return false;
    }
}
