namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// What a matcher says of every pixel p of the reference (earlier) image: I_ref(p) is found at I_sec(p + d(p)).
/// Invalid pixels hold NaN in the float rasters and a reason in <see cref="Validity"/>.
/// </summary>
/// <param name="Dx">Displacement to the East, pixels.</param>
/// <param name="Dy">Displacement to the South, pixels.</param>
/// <param name="Score">Zero-mean normalised cross-correlation at the found displacement, [-1, 1].</param>
/// <param name="SigmaDx">Standard error of Dx, pixels.</param>
/// <param name="SigmaDy">Standard error of Dy, pixels.</param>
/// <param name="Validity">Why a pixel has no value.</param>
public sealed record DisplacementField(
    Raster<float> Dx,
    Raster<float> Dy,
    Raster<float> Score,
    Raster<float> SigmaDx,
    Raster<float> SigmaDy,
    Raster<Validity> Validity)
{
    public int Width => Dx.Width;

    public int Height => Dx.Height;

    /// <summary>A field without any value yet: NaN everywhere, every pixel flagged with <paramref name="reason"/>.</summary>
    public static DisplacementField Empty(int width, int height, Validity reason) => new(
        new Raster<float>(width, height).Fill(float.NaN),
        new Raster<float>(width, height).Fill(float.NaN),
        new Raster<float>(width, height).Fill(float.NaN),
        new Raster<float>(width, height).Fill(float.NaN),
        new Raster<float>(width, height).Fill(float.NaN),
        new Raster<Validity>(width, height).Fill(reason));

    public DisplacementField Crop(Window window) => new(
        Dx.Crop(window), Dy.Crop(window), Score.Crop(window), SigmaDx.Crop(window), SigmaDy.Crop(window), Validity.Crop(window));

    public void Paste(DisplacementField source, Window from, int toX, int toY)
    {
        Dx.Paste(source.Dx, from, toX, toY);
        Dy.Paste(source.Dy, from, toX, toY);
        Score.Paste(source.Score, from, toX, toY);
        SigmaDx.Paste(source.SigmaDx, from, toX, toY);
        SigmaDy.Paste(source.SigmaDy, from, toX, toY);
        Validity.Paste(source.Validity, from, toX, toY);
    }
}
