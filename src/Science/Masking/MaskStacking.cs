using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>One code per pixel out of overlapping masks: clear &lt; water &lt; snow &lt; shadow &lt; cloud &lt; null.</summary>
internal static class MaskStacking
{
    public static Raster<byte> Stack(Scene scene, BitMask cloud, BitMask? shadow, BitMask snow, BitMask water)
    {
        var codes = new Raster<byte>(scene.Width, scene.Height);
        scene.Workers.Rows(scene.Height, 64, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var row = codes.Row(y);
                for (int x = 0; x < row.Length; x++)
                {
                    row[x] = !scene.Valid[x, y] ? MaskCode.Null
                        : cloud[x, y] ? MaskCode.Cloud
                        : shadow is not null && shadow[x, y] ? MaskCode.CloudShadow
                        : snow[x, y] ? MaskCode.Snow
                        : water[x, y] ? MaskCode.Water
                        : MaskCode.Clear;
                }
            }
        });
        return codes;
    }

    /// <summary>Pixels of each code, in the order of the codes.</summary>
    public static long[] Count(Raster<byte> codes)
    {
        var counts = new long[MaskCode.Names.Count];
        foreach (byte code in codes.Pixels)
            counts[code]++;
        return counts;
    }
}
