using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GdmOptEtq.Science.Rasters;

/// <summary>Means over square windows: <see cref="BoxSums"/> over the pixels that a window has left where the border cuts it.</summary>
public static class BoxMean
{
    /// <summary>target = mean of source over the (2 radius + 1)^2 window around each pixel.</summary>
    public static void Apply(Raster<float> source, Raster<float> target, int radius, Workers workers)
    {
        if (ReferenceEquals(source, target))
            throw new ArgumentException("A filter cannot write onto its own input.", nameof(target));
        int width = source.Width, height = source.Height;
        var inverse = new float[width];
        for (int x = 0; x < width; x++)
            inverse[x] = 1f / BoxSums.Inside(x, radius, width);
        BoxSums.ForEachRow([source], radius, workers, (y, sums) => Scale(sums[0], inverse, 1f / BoxSums.Inside(y, radius, height), target.Row(y)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float[] sums, float[] inverse, float factor, Span<float> result)
    {
        ref float sum = ref MemoryMarshal.GetArrayDataReference(sums), share = ref MemoryMarshal.GetArrayDataReference(inverse), to = ref MemoryMarshal.GetReference(result);
        int x = 0;
        for (; x + 8 <= result.Length; x += 8)
            (Vector256.LoadUnsafe(ref sum, (nuint)x) * (Vector256.LoadUnsafe(ref share, (nuint)x) * factor)).StoreUnsafe(ref to, (nuint)x);
        for (; x < result.Length; x++)
            result[x] = sums[x] * (inverse[x] * factor);
    }
}
