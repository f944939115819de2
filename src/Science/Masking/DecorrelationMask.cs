using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>Keeps the matches of a pair whose correlation coefficient reaches the threshold.</summary>
public static class DecorrelationMask
{
    /// <summary>Mask of one pair: <see cref="KeepCode.Kept"/> where the score is at least the threshold, <see cref="KeepCode.Removed"/> elsewhere.</summary>
    /// <param name="score">Normalised cross-correlation, [-1, 1]; NaN where there is no match.</param>
    public static Raster<byte> Compute(Raster<float> score, DecorrelationParameters parameters, Workers workers)
    {
        var mask = new Raster<byte>(score.Width, score.Height);
        float threshold = (float)parameters.DecorrelationThreshold;
        workers.Rows(score.Height, 64, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var from = score.Row(y);
                var to = mask.Row(y);
                for (int x = 0; x < to.Length; x++)
                    to[x] = from[x] >= threshold ? KeepCode.Kept : KeepCode.Removed;
            }
        });
        return mask;
    }

    /// <summary>Adds <see cref="Validity.Decorrelated"/> to every pixel that has a match but a score below the threshold.</summary>
    public static void Flag(Raster<float> score, Raster<Validity> validity, DecorrelationParameters parameters, Workers workers)
    {
        float threshold = (float)parameters.DecorrelationThreshold;
        workers.Rows(score.Height, 64, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var from = score.Row(y);
                var to = validity.Row(y);
                for (int x = 0; x < to.Length; x++)
                {
                    if (from[x] < threshold)
                        to[x] |= Validity.Decorrelated;
                }
            }
        });
    }
}
