using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correlation;

/// <summary>
/// The cells where a fault may run: ridges of the field's slope over a few pixels against its slope over many, and the direction across them (structure tensor,
/// Bigun and Granlund 1987; suppression beside the ridge as Canny 1986).
/// </summary>
/// <param name="Ridge">1 in the cells on a ridge.</param>
/// <param name="Cells">1 in those and in the cells around them.</param>
/// <param name="NormalX">Unit vector across the ridge, of either sense; x to the East.</param>
/// <param name="NormalY">The same to the South.</param>
internal sealed record FaultZone(Raster<byte> Ridge, Raster<byte> Cells, Raster<float> NormalX, Raster<float> NormalY)
{
    /// <summary>Looks for ridges in two slopes of one field, each as <see cref="Smoothness.SlopesOver"/> gives them; null where there are none.</summary>
    public static FaultZone? Find(Raster<float>[] fine, Raster<float>[] wide, Predicate<int> sees, MethodConstants m, Workers workers)
    {
        var tensor = Tensor(fine, wide);
        for (int i = 0; i < 3; i++)
            tensor[i] = CellGrid.Smooth(tensor[i], m.RidgeSigmaCells, workers);
        int w = tensor[0].Width, h = tensor[0].Height;
        var strength = new Raster<float>(w, h);
        for (int c = 0; c < strength.Pixels.Length; c++)
            strength.Pixels[c] = LargerEigenvalue(tensor[0].Pixels[c], tensor[1].Pixels[c], tensor[2].Pixels[c]);
        for (int i = 0; i < 3; i++)
            tensor[i] = CellGrid.Smooth(tensor[i], m.NormalSigmaCells, workers);
        Raster<float> normalX = new(w, h), normalY = new(w, h);
        for (int c = 0; c < strength.Pixels.Length; c++)
        {
            var (sin, cos) = Math.SinCos(0.5 * Math.Atan2(2 * tensor[1].Pixels[c], tensor[0].Pixels[c] - tensor[2].Pixels[c]));
            (normalX.Pixels[c], normalY.Pixels[c]) = ((float)cos, (float)sin);
        }

        var seen = strength.Pixels.Where((_, c) => sees(c)).ToArray();
        if (seen.Length == 0)
            return null;
        float least = (float)m.RidgeThreshold * Math.Max(1e-14f, (float)OrderStatistics.Median(seen));
        var ridge = new Raster<byte>(w, h);
        bool any = false;
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
            {
                float here = strength[x, y];
                if (here < least)
                    continue;
                int ox = (int)MathF.Round(1.5f * normalX[x, y]), oy = (int)MathF.Round(1.5f * normalY[x, y]);
                if (here < strength[Math.Clamp(x + ox, 0, w - 1), Math.Clamp(y + oy, 0, h - 1)] || here < strength[Math.Clamp(x - ox, 0, w - 1), Math.Clamp(y - oy, 0, h - 1)])
                    continue;
                ridge[x, y] = 1;
                any = true;
            }

        return any ? new FaultZone(ridge, CellGrid.Around(ridge, m.ZoneCells), normalX, normalY) : null;
    }

    /// <summary>1 when the two cells count the sides of the fault alike, -1 when their normals point opposite ways.</summary>
    public float Sense(int cell, int other) => NormalX.Pixels[cell] * NormalX.Pixels[other] + NormalY.Pixels[cell] * NormalY.Pixels[other] < 0 ? -1 : 1;

    /// <summary>Sum over both components of the products of the excess slopes: xx, xy, yy.</summary>
    private static Raster<float>[] Tensor(Raster<float>[] fine, Raster<float>[] wide)
    {
        var tensor = new Raster<float>[3];
        for (int i = 0; i < 3; i++)
            tensor[i] = new Raster<float>(fine[0].Width, fine[0].Height);
        for (int c = 0; c < tensor[0].Pixels.Length; c++)
        {
            float Excess(int i) => fine[i].Pixels[c] - wide[i].Pixels[c];
            float dxAlongX = Excess(0), dyAlongX = Excess(1), dxAlongY = Excess(2), dyAlongY = Excess(3);
            tensor[0].Pixels[c] = dxAlongX * dxAlongX + dyAlongX * dyAlongX;
            tensor[1].Pixels[c] = dxAlongX * dxAlongY + dyAlongX * dyAlongY;
            tensor[2].Pixels[c] = dxAlongY * dxAlongY + dyAlongY * dyAlongY;
        }

        return tensor;
    }

    private static float LargerEigenvalue(float xx, float xy, float yy) => 0.5f * (xx + yy) + MathF.Sqrt(0.25f * (xx - yy) * (xx - yy) + xy * xy);
}
