using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>From masks to the reasons that the later stages read: each removed pixel is told why.</summary>
public static class MaskToValidity
{
    /// <summary>
    /// Reasons on the grid of the matched band: a mask pixel covers <paramref name="factor"/> x <paramref name="factor"/> band pixels.
    /// Null and water always remove; cloud with its shadow, and snow, when their switches are on.
    /// </summary>
    /// <param name="codes">Spectral mask (<see cref="MaskCode"/>) from the same upper left corner as the band.</param>
    /// <param name="window">The wanted part, in band pixels; beyond the mask everything is <see cref="Validity.NoData"/>.</param>
    /// <param name="factor">Pixel size of the mask divided by that of the band: 2 for a 10 m band, 1 for a 20 m band.</param>
    public static Raster<Validity> Reasons(Raster<byte> codes, Window window, int factor, SpectralMaskParameters parameters)
    {
        Span<Validity> reasonOf = stackalloc Validity[256];
        reasonOf.Fill(Validity.NoData);
        reasonOf[MaskCode.Clear] = Validity.Valid;
        reasonOf[MaskCode.Water] = Validity.Water;
        reasonOf[MaskCode.Cloud] = parameters.CloudMask ? Validity.Cloud : Validity.Valid;
        reasonOf[MaskCode.CloudShadow] = parameters.CloudMask ? Validity.CloudShadow : Validity.Valid;
        reasonOf[MaskCode.Snow] = parameters.SnowMask ? Validity.Snow : Validity.Valid;
        var reasons = new Raster<Validity>(window.Width, window.Height);
        for (int y = 0; y < window.Height; y++)
        {
            var to = reasons.Row(y);
            int row = window.Y + y;
            if (row < 0 || row / factor >= codes.Height)
            {
                to.Fill(Validity.NoData);
                continue;
            }

            var from = codes.Row(row / factor);
            for (int x = 0; x < to.Length; x++)
            {
                int column = window.X + x;
                to[x] = column < 0 || column / factor >= from.Length ? Validity.NoData : reasonOf[from[column / factor]];
            }
        }

        return reasons;
    }

    /// <summary>Adds <see cref="Validity.Slope"/> wherever a slope mask (<see cref="KeepCode"/>) of the same grid removes.</summary>
    public static void FlagSlope(Raster<byte> slopeMask, Raster<Validity> validity)
    {
        for (int i = 0; i < validity.Pixels.Length; i++)
        {
            if (slopeMask.Pixels[i] == KeepCode.Removed)
                validity.Pixels[i] |= Validity.Slope;
        }
    }
}
