using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Pipeline.ResultDocuments;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>One stack of a mosaic.</summary>
/// <param name="Stack">Key of its statistics.</param>
/// <param name="Folder">Where its result is published.</param>
public sealed record MosaicPart(JobPlan Plan, WorkKey Stack, string Folder);

/// <summary>
/// The results of several Sentinel-2 tiles of one event joined: one mosaic per analysis product, in the UTM zone of the first tile. Where tiles overlap,
/// the first one given lies on top. Tiles of another zone are resampled (bilinear), and their displacements turned to the axes of the mosaic's zone; the others
/// are copied pixel by pixel, since all grids are aligned. Standard errors keep the axes of their own zone, a few degrees off.
/// </summary>
public static class MosaicStacks
{
    public const string Stage = "mosaic-stacks";

    private const string Mosaic = "mosaic";

    private const string Version = "1";

    /// <summary>Rasters of the mosaic of stacks like <paramref name="first"/>, each of which <see cref="Make"/> makes.</summary>
    public static int Count(JobPlan first) => new ProductTable(first).Analysis.Count;

    /// <summary>All of it: every raster, as many side by side as there are threads, then the publication.</summary>
    /// <returns>Names relative to the result folder, the STAC item last.</returns>
    public static IReadOnlyList<string> Run(IReadOnlyList<MosaicPart> parts, string resultFolder, StageContext work)
    {
        var rasters = Rasters(parts, work);
        work.Workers.Each(rasters.Count, number => rasters[number].Make(work, 1));
        return Publish(parts, resultFolder, work);
    }

    /// <summary>Makes one raster, unless it waits in the work store.</summary>
    /// <param name="parts">Their products are published.</param>
    /// <param name="number">Which, below <see cref="Count"/>.</param>
    public static void Make(IReadOnlyList<MosaicPart> parts, int number, StageContext work) => Rasters(parts, work)[number].Make(work, 1);

    /// <summary>Gives every raster its place and a style, and writes one STAC item of all; what was not made before is made now.</summary>
    /// <param name="parts">Their products are published.</param>
    /// <param name="resultFolder">Where the mosaics go, as Analysis/..._mosaic_....tif.</param>
    /// <returns>Names relative to the result folder, the STAC item last.</returns>
    public static IReadOnlyList<string> Publish(IReadOnlyList<MosaicPart> parts, string resultFolder, StageContext work)
    {
        var rasters = Rasters(parts, work).Select(raster => raster.Publish(Path.Combine(resultFolder, raster.File.Name), work)).ToList();
        ProductFile[] files = [.. rasters.Select(raster => raster.File)];
        work.Workers.Each(files.Length, number =>
        {
            string path = Path.Combine(resultFolder, files[number].Name);
            QgisStyle.Write(path, files[number].Colours ?? ColourScale.OfFile(files[number].Kind, path), files[number].Options.Unit);
        });
        string[] names = [.. files.Select(file => file.Name), .. files.Select(file => ProductNames.StyleOf(file.Name)), ProductNames.StacItem];
        var first = parts[0].Plan;
        string identifier = ProductNames.Identifier(first).Replace(first.Tile, Mosaic, StringComparison.Ordinal);
        AtomicFile.WriteAllText(
            Path.Combine(resultFolder, ProductNames.StacItem),
            StacItem.Json(ResultSubject.Of([.. parts.Select(part => part.Plan)], files[0].Grid!, identifier), files, rasters[0].Footprint!, names));
        return names;
    }

    private static IReadOnlyList<ProductRaster> Rasters(IReadOnlyList<MosaicPart> parts, StageContext work)
    {
        var grid = Union([.. parts.Select(part => part.Plan.Grid)]);
        var first = parts[0].Plan;
        var inputs = KeyValuePair.Create("INPUTS", string.Join(' ', parts.SelectMany(part => part.Plan.Images).Select(image => image.Product.Name)));
        return new ProductTable(first).Analysis.Select((product, number) =>
        {
            var file = product with
            {
                Name = product.Name.Replace(first.Tile, Mosaic, StringComparison.Ordinal),
                Options = product.Options with { Metadata = new Dictionary<string, string>(product.Options.Metadata) { [inputs.Key] = inputs.Value } },
                Grid = grid,
                DataType = ProductFile.DataTypeOf<float>(),
            };
            return new ProductRaster(Stage, Version, file, parts.Select(part => (object?)part.Stack), (path, look) => Write(parts, product.Name, path, file.Options, grid, look, work))
            {
                IsOutline = number == 0,
            };
        }).ToList();
    }

    private static RasterStatistics Write(
        IReadOnlyList<MosaicPart> parts, string product, string path, GeoTiffOptions options, RasterGrid grid, Action<int, Raster<float>> look, StageContext work)
    {
        var first = parts[0].Plan;
        var all = ProductNames.All(first).ToList();
        bool isEastWest = product == ProductNames.MeanDisplacement(first, "EW"), isNorthSouth = product == ProductNames.MeanDisplacement(first, "NS");
        string? across = isEastWest ? ProductNames.MeanDisplacement(first, "NS") : isNorthSouth ? ProductNames.MeanDisplacement(first, "EW") : null;
        var layers = new List<MosaicLayer>();
        try
        {
            // Later layers lie on top, so the first stack comes last.
            foreach (var part in parts.Reverse())
                layers.Add(new MosaicLayer(Open(part, product)!, part.Plan.Grid.EpsgCode == grid.EpsgCode ? null : Open(part, across), isEastWest));
            using var writer = new GeoTiffWriter<float>(path, grid, options);
            foreach (var block in StageContext.RowBlocks(grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var rows = MosaicLayer.Join(layers, grid.Crop(block));
                look(block.Y, rows);
                writer.WriteRows(block.Y, rows);
            }

            return writer.Complete();
        }
        finally
        {
            layers.ForEach(layer => layer.Dispose());
        }

        // Every stack names its products by its own tile and dates, in the same order.
        RasterFile? Open(MosaicPart part, string? name) =>
            name is null ? null : RasterFile.Open(Path.Combine(part.Folder, ProductNames.All(part.Plan)[all.IndexOf(name)]));
    }

    /// <summary>The smallest grid of the first one's system and pixels that holds all.</summary>
    internal static RasterGrid Union(IReadOnlyList<RasterGrid> grids)
    {
        var first = grids[0];
        double left = double.MaxValue, top = double.MinValue, right = double.MinValue, bottom = double.MaxValue;
        foreach (var grid in grids)
        {
            using var transform = grid.EpsgCode == first.EpsgCode ? null : new CoordinateTransform(grid.EpsgCode, first.EpsgCode);
            foreach (var (x, y) in new[] { (0.0, 0.0), (grid.Width, 0.0), (0.0, grid.Height), (grid.Width, grid.Height) })
            {
                var (easting, northing) = transform?.Transform(grid.Easting(x), grid.Northing(y)) ?? (grid.Easting(x), grid.Northing(y));
                left = Math.Min(left, easting);
                right = Math.Max(right, easting);
                bottom = Math.Min(bottom, northing);
                top = Math.Max(top, northing);
            }
        }

        double pixel = first.PixelSizeMetres;
        int before = (int)Math.Ceiling((first.OriginX - left) / pixel - 1e-6), above = (int)Math.Ceiling((top - first.OriginY) / pixel - 1e-6);
        double originX = first.OriginX - before * pixel, originY = first.OriginY + above * pixel;
        return new RasterGrid(
            first.EpsgCode, originX, originY, pixel, (int)Math.Ceiling((right - originX) / pixel - 1e-6), (int)Math.Ceiling((originY - bottom) / pixel - 1e-6));
    }
}
