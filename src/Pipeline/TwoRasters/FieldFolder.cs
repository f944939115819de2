using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.TwoRasters;

/// <summary>
/// A displacement field as six GeoTIFF files on the grid of the reference: dx.tif and dy.tif (pixels, East and South positive), score.tif, sigma_dx.tif,
/// sigma_dy.tif, validity.tif. They get their names only when all are complete.
/// </summary>
public sealed class FieldFolder : IDisposable
{
    private static readonly (string File, string Description, string Unit)[] Bands =
    [
        ("dx.tif", "Displacement to the East [pixel], East is positive", "pixel"),
        ("dy.tif", "Displacement to the South [pixel], South is positive", "pixel"),
        ("score.tif", "Zero-mean normalised cross-correlation at the found displacement [-1, 1]", ""),
        ("sigma_dx.tif", "Standard error of dx [pixel]", "pixel"),
        ("sigma_dy.tif", "Standard error of dy [pixel]", "pixel"),
    ];

    // Level 1: the last digits of measured values are noise, on which effort is lost.
    private static readonly string[] Creation = ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "COMPRESS=DEFLATE", "ZLEVEL=1"];

    private readonly List<RasterWriter> _writers = [];

    /// <exception cref="InputException">The folder cannot be made or written.</exception>
    public FieldFolder(string folder, RasterGrid grid)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"The output folder {folder} cannot be made ({cause.Message.TrimEnd('.')}): give a folder that can be written with --out.", cause);
        }

        try
        {
            foreach (var (file, description, unit) in Bands)
                _writers.Add(new RasterWriter(Path.Combine(folder, file), grid, PixelType.Float32, new BandAttributes(description, unit, double.NaN), [.. Creation, "PREDICTOR=3"]));
            _writers.Add(new RasterWriter(
                Path.Combine(folder, "validity.tif"), grid, PixelType.UInt16, new BandAttributes("Why a pixel has no value: sum of flags, 0 is valid", "", null), Creation));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Full names of the files.</summary>
    public IReadOnlyList<string> Paths => _writers.ConvertAll(w => w.Path);

    /// <summary>Writes the part of the field under <paramref name="core"/>, the files side by side.</summary>
    public void Write(Window core, DisplacementField field, Workers workers)
    {
        Raster<float>[] rasters = [field.Dx, field.Dy, field.Score, field.SigmaDx, field.SigmaDy];
        workers.Each(_writers.Count, i =>
        {
            if (i < rasters.Length)
                _writers[i].Write(rasters[i], core.X, core.Y);
            else
                _writers[i].Write(field.Validity, core.X, core.Y);
        });
    }

    public void Complete() => _writers.ForEach(w => w.Complete());

    public void Dispose() => _writers.ForEach(w => w.Dispose());
}
