namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// What every matcher is given: two images on one grid, which of their pixels may be used, and what is known beforehand.
/// A pixel that is not <see cref="Rasters.Validity.Valid"/> neither votes nor receives a value.
/// </summary>
/// <param name="Reference">Earlier image, any linear unit.</param>
/// <param name="Secondary">Later image, same grid.</param>
/// <param name="ReferenceValidity">Validity of each reference pixel.</param>
/// <param name="SecondaryValidity">Validity of each secondary pixel.</param>
/// <param name="Prior">Field to search around (pixels), or null to search around zero.</param>
public sealed record MatchInput(
    Raster<float> Reference,
    Raster<float> Secondary,
    Raster<Validity> ReferenceValidity,
    Raster<Validity> SecondaryValidity,
    DisplacementField? Prior = null)
{
    public int Width => Reference.Width;

    public int Height => Reference.Height;

    /// <summary>Both images valid wherever they are finite.</summary>
    public static MatchInput AllValid(Raster<float> reference, Raster<float> secondary) =>
        new(reference, secondary, FiniteIsValid(reference), FiniteIsValid(secondary));

    private static Raster<Validity> FiniteIsValid(Raster<float> image)
    {
        var validity = new Raster<Validity>(image.Width, image.Height);
        for (int i = 0; i < image.Pixels.Length; i++)
            validity.Pixels[i] = float.IsFinite(image.Pixels[i]) ? Validity.Valid : Validity.NoData;
        return validity;
    }
}
