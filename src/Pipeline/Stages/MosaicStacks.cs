using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Pipeline.Stages;

/// <summary>
/// The results of several Sentinel-2 tiles of one event joined: one mosaic per analysis product, in the UTM zone of the first tile. Where tiles overlap,
/// the first one given lies on top. Tiles of another zone are resampled (bilinear); the others are copied pixel by pixel, since all grids are aligned.
/// </summary>
public static class MosaicStacks
{
    public const string Stage = "mosaic-stacks";

    /// <param name="stacks">Plan and result folder of each stack; their products are complete.</param>
    /// <param name="resultFolder">Where the mosaics go, as Analysis/..._mosaic_....tif.</param>
    public static IReadOnlyList<string> Run(IReadOnlyList<(JobPlan Plan, string Folder)> stacks, string resultFolder, StageContext work)
    {
        var written = new List<string>();
        var grid = Union([.. stacks.Select(stack => stack.Plan.Grid)]);
        foreach (string product in ProductNames.All(stacks[0].Plan).Where(name => name.StartsWith(ProductNames.Analysis + "/", StringComparison.Ordinal) && name.EndsWith(".tif", StringComparison.Ordinal)))
        {
            int number = ProductNames.All(stacks[0].Plan).ToList().IndexOf(product);
            string name = product.Replace(stacks[0].Plan.Tile, "mosaic", StringComparison.Ordinal);
            string path = Path.Combine(resultFolder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // Later sources lie on top when warping, so the first stack comes last.
            var sources = stacks.Reverse().Select(stack => RasterFile.Open(Path.Combine(stack.Folder, ProductNames.All(stack.Plan)[number]))).ToList();
            try
            {
                var options = new GeoTiffOptions { Description = sources[^1].BandDescription(1), Unit = sources[^1].BandUnit(1) };
                work.Journal.Run(Stage, $"mosaic of {Path.GetFileName(name)}", 1, present: false, () =>
                {
                    using var writer = new GeoTiffWriter<float>(path, grid, options);
                    foreach (var block in StageContext.RowBlocks(grid))
                    {
                        work.Workers.Cancellation.ThrowIfCancellationRequested();
                        writer.WriteRows(block.Y, Warp.ToGrid(sources, grid.Crop(block)));
                    }

                    writer.Complete();
                });
            }
            finally
            {
                sources.ForEach(source => source.Dispose());
            }

            written.Add(name);
        }

        return written;
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
