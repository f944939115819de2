using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>A displacement field in a folder of the work store, written block by block: <c>field.tif</c> (dx, dy, score, sigmas) and <c>validity.tif</c>.</summary>
internal sealed class FieldWriter : IDisposable
{
    private readonly RasterWriter _values;
    private readonly RasterWriter _validity;

    public FieldWriter(string folder, RasterGrid grid)
    {
        _values = WorkRaster.Create(Path.Combine(folder, FieldReader.ValuesFile), grid, PixelType.Float32,
            new BandAttributes("dx, East positive", "pixel", double.NaN), new BandAttributes("dy, South positive", "pixel", double.NaN),
            new BandAttributes("score", null, double.NaN), new BandAttributes("sigma dx", "pixel", double.NaN), new BandAttributes("sigma dy", "pixel", double.NaN));
        _validity = WorkRaster.Create(Path.Combine(folder, FieldReader.ValidityFile), grid, PixelType.UInt16, new BandAttributes("validity flags"));
    }

    public void Write(DisplacementField field, int x, int y)
    {
        _values.Write(1, field.Dx, x, y);
        _values.Write(2, field.Dy, x, y);
        _values.Write(3, field.Score, x, y);
        _values.Write(4, field.SigmaDx, x, y);
        _values.Write(5, field.SigmaDy, x, y);
        _validity.Write(1, field.Validity, x, y);
    }

    public void Complete()
    {
        _values.Complete();
        _validity.Complete();
    }

    public void Dispose()
    {
        _values.Dispose();
        _validity.Dispose();
    }
}

/// <summary>Reads windows of what <see cref="FieldWriter"/> wrote.</summary>
internal sealed class FieldReader : IDisposable
{
    public const string ValuesFile = "field.tif";

    public const string ValidityFile = "validity.tif";

    private readonly RasterFile _values;
    private readonly RasterFile _validity;

    public FieldReader(string folder)
    {
        _values = RasterFile.Open(Path.Combine(folder, ValuesFile));
        _validity = RasterFile.Open(Path.Combine(folder, ValidityFile));
    }

    public Window Bounds => _values.Bounds;

    public DisplacementField Read(Window window) => new(
        _values.Read<float>(1, window), _values.Read<float>(2, window), _values.Read<float>(3, window),
        _values.Read<float>(4, window), _values.Read<float>(5, window), _validity.Read<Validity>(1, window));

    public Raster<float> Score(Window window) => _values.Read<float>(3, window);

    public Raster<Validity> Validity(Window window) => _validity.Read<Validity>(1, window);

    public void Dispose()
    {
        _values.Dispose();
        _validity.Dispose();
    }
}
