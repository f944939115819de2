using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Pipeline.ResultDocuments;
using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>
/// The results of several Sentinel-2 tiles of one event joined: one mosaic per analysis product, in the UTM zone of the first tile. Where tiles overlap,
/// the first one given lies on top. Tiles of another zone are resampled (bilinear), and their displacements turned to the axes of the mosaic's zone; the others
/// are copied pixel by pixel, since all grids are aligned. Standard errors keep the axes of their own zone, a few degrees off.
/// </summary>
public static class MosaicStacks
{
    public const string Stage = "mosaic-stacks";

    private const string Mosaic = "mosaic";

    /// <param name="stacks">Plan and result folder of each stack; their products are complete.</param>
    /// <param name="resultFolder">Where the mosaics go, as Analysis/..._mosaic_....tif with a style beside each, and one STAC item of all.</param>
    /// <returns>Names relative to the result folder, the STAC item last.</returns>
    public static IReadOnlyList<string> Run(IReadOnlyList<(JobPlan Plan, string Folder)> stacks, string resultFolder, StageContext work)
    {
        var grid = Union([.. stacks.Select(stack => stack.Plan.Grid)]);
        var first = stacks[0].Plan;
        var table = new ProductTable(first).Analysis;
        var footprint = new Footprint(grid);
        var written = new ProductFile[table.Count];
        Directory.CreateDirectory(Path.Combine(resultFolder, ProductNames.Analysis));
        // Side by side, since none needs another.
        work.Workers.Each(table.Count, number =>
        {
            var file = table[number] with { Name = table[number].Name.Replace(first.Tile, Mosaic, StringComparison.Ordinal), Grid = grid, DataType = ProductFile.DataTypeOf<float>() };
            work.Journal.Run(Stage, $"mosaic of {Path.GetFileName(file.Name)}", 1, present: false, () =>
            {
                string path = Path.Combine(resultFolder, file.Name);
                written[number] = file with { Statistics = Write(stacks, table[number].Name, path, file.Options, grid, number == 0 ? footprint : null, work) };
                QgisStyle.Write(path, file.Colours ?? ColourScale.OfFile(file.Kind, path), file.Options.Unit);
            });
        });
        string[] names = [.. written.Select(file => file.Name), .. written.Select(file => ProductNames.StyleOf(file.Name)), ProductNames.StacItem];
        string identifier = ProductNames.Identifier(first).Replace(first.Tile, Mosaic, StringComparison.Ordinal);
        AtomicFile.WriteAllText(
            Path.Combine(resultFolder, ProductNames.StacItem),
            StacItem.Json(ResultSubject.Of([.. stacks.Select(stack => stack.Plan)], grid, identifier), written, footprint, names));
        return names;
    }

    private static RasterStatistics Write(
        IReadOnlyList<(JobPlan Plan, string Folder)> stacks, string product, string path, GeoTiffOptions options, RasterGrid grid, Footprint? footprint, StageContext work)
    {
        var first = stacks[0].Plan;
        var all = ProductNames.All(first).ToList();
        bool isEastWest = product == ProductNames.MeanDisplacement(first, "EW"), isNorthSouth = product == ProductNames.MeanDisplacement(first, "NS");
        string? across = isEastWest ? ProductNames.MeanDisplacement(first, "NS") : isNorthSouth ? ProductNames.MeanDisplacement(first, "EW") : null;
        var layers = new List<MosaicLayer>();
        try
        {
            // Later layers lie on top, so the first stack comes last.
            foreach (var stack in stacks.Reverse())
                layers.Add(new MosaicLayer(Open(stack, product)!, stack.Plan.Grid.EpsgCode == grid.EpsgCode ? null : Open(stack, across), isEastWest));
            var inputs = new Dictionary<string, string>(options.Metadata) { ["INPUTS"] = string.Join(' ', stacks.SelectMany(stack => stack.Plan.Images).Select(image => image.Product.Name)) };
            using var writer = new GeoTiffWriter<float>(path, grid, options with { Metadata = inputs });
            foreach (var block in StageContext.RowBlocks(grid))
            {
                work.Workers.Cancellation.ThrowIfCancellationRequested();
                var rows = MosaicLayer.Join(layers, grid.Crop(block));
                footprint?.Add(block.Y, rows);
                writer.WriteRows(block.Y, rows);
            }

            return writer.Complete();
        }
        finally
        {
            layers.ForEach(layer => layer.Dispose());
        }

        // Every stack names its products by its own tile and dates, in the same order.
        RasterFile? Open((JobPlan Plan, string Folder) stack, string? name) =>
            name is null ? null : RasterFile.Open(Path.Combine(stack.Folder, ProductNames.All(stack.Plan)[all.IndexOf(name)]));
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
