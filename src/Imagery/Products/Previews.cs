using System.Globalization;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products.Drawing;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Products;

/// <summary>What a preview shows, which decides colours and limits.</summary>
public enum PreviewKind
{
    /// <summary>Signed; diverging colours with limits at plus and minus the 98th percentile of the absolute value.</summary>
    Displacement,

    /// <summary>Not negative; sequential colours from 0 to the 98th percentile.</summary>
    Magnitude,

    /// <summary>Per cent; 0 to 100.</summary>
    Quality,
}

/// <summary>What stands in the legend.</summary>
public sealed record PreviewOptions
{
    public PreviewKind Kind { get; init; } = PreviewKind.Displacement;

    /// <summary>What is shown: "Mean displacement E-W".</summary>
    public string Title { get; init; } = "";

    /// <summary>Unit and sign: "metres, East is positive".</summary>
    public string Caption { get; init; } = "";

    /// <summary>Lines that name the inputs and their dates.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>Upper limit of the colours; null: the 98th percentile.</summary>
    public double? Limit { get; init; }

    /// <summary>Longest side of the picture, legend included, pixels.</summary>
    public int MaximumSide { get; init; } = 2048;
}

/// <summary>The files of one preview, and its colours.</summary>
/// <param name="Picture">Map with the legend below.</param>
/// <param name="Overlay">The map alone, for laying over other maps.</param>
/// <param name="Legend">The legend alone.</param>
/// <param name="WorldFiles">Place of picture and overlay.</param>
/// <param name="Kml">Ground overlay for globes; null when the raster has no reference system.</param>
public sealed record PreviewFiles(
    string Picture, string Overlay, string Legend, IReadOnlyList<string> WorldFiles, string? Kml, ColourScale Scale)
{
    public double Minimum => Scale.Minimum;

    public double Maximum => Scale.Maximum;
}

/// <summary>
/// Pictures of the products: RGBA PNG, transparent where there is no value, with legend, world file and ground overlay.
/// </summary>
public static class Previews
{
    // Room for the legend under a map that is as high as allowed.
    private const int LegendRoom = 248;
    private const int SmallestMapWidth = 560;

    /// <summary>Draws a product that lies on disk; only a reduced copy of it comes into memory.</summary>
    /// <param name="geoTiffPath">Single-band product.</param>
    /// <param name="pngPath">Name of the picture; the other files take its name with _overlay, _legend, .pgw and .kml.</param>
    public static PreviewFiles WriteFromFile(string geoTiffPath, string pngPath, PreviewOptions options)
    {
        using var file = RasterFile.Open(geoTiffPath);
        int factor = ReductionFactor(file.Width, file.Height, options.MaximumSide);
        var grid = file.Grid.Decimate(factor);
        // The average of GDAL skips NaN; a window of whole blocks of pixels keeps the place exact.
        var reduced = factor == 1
            ? file.Read<float>(1)
            : Reduce(file, grid, factor);
        return WriteReduced(pngPath, reduced, grid, options);
    }

    /// <summary>Draws a product that is in memory.</summary>
    public static PreviewFiles Write(string pngPath, Raster<float> raster, RasterGrid grid, PreviewOptions options)
    {
        int factor = ReductionFactor(raster.Width, raster.Height, options.MaximumSide);
        return WriteReduced(pngPath, factor == 1 ? raster : MeanOfBlocks(raster, factor), grid.Decimate(factor), options);
    }

    private static int ReductionFactor(int width, int height, int maximumSide) =>
        Math.Max((width + maximumSide - 1) / maximumSide, (height + maximumSide - LegendRoom - 1) / (maximumSide - LegendRoom));

    private static Raster<float> Reduce(RasterFile file, RasterGrid grid, int factor)
    {
        var reduced = new Raster<float>(grid.Width, grid.Height);
        for (int row = 0; row < grid.Height; row++)
        {
            int height = Math.Min(factor, file.Height - row * factor);
            MeanOfBlocks(file.Read<float>(1, new Window(0, row * factor, file.Width, height)), factor).Row(0).CopyTo(reduced.Row(row));
        }

        return reduced;
    }

    private static Raster<float> MeanOfBlocks(Raster<float> raster, int factor)
    {
        var means = new Raster<float>((raster.Width + factor - 1) / factor, (raster.Height + factor - 1) / factor);
        for (int y = 0; y < means.Height; y++)
        {
            for (int x = 0; x < means.Width; x++)
            {
                double sum = 0;
                int count = 0;
                for (int row = y * factor; row < Math.Min(raster.Height, (y + 1) * factor); row++)
                {
                    foreach (float value in raster.Row(row)[(x * factor)..Math.Min(raster.Width, (x + 1) * factor)])
                    {
                        if (!float.IsFinite(value))
                            continue;
                        sum += value;
                        count++;
                    }
                }

                means[x, y] = count == 0 ? float.NaN : (float)(sum / count);
            }
        }

        return means;
    }

    private static PreviewFiles WriteReduced(string pngPath, Raster<float> raster, RasterGrid grid, PreviewOptions options)
    {
        var scale = ColourScale.Of(options.Kind, raster, options.Limit);
        var (colours, minimum, maximum) = scale;
        // A small scene is drawn with several dots per pixel, so that its legend has room.
        int enlarge = Math.Max(1, Math.Min((SmallestMapWidth + raster.Width - 1) / raster.Width, (options.MaximumSide - LegendRoom) / raster.Height));
        var map = new Canvas(raster.Width * enlarge, raster.Height * enlarge);
        for (int y = 0; y < map.Height; y++)
        {
            for (int x = 0; x < map.Width; x++)
            {
                float value = raster[x / enlarge, y / enlarge];
                if (float.IsFinite(value))
                    map.Set(x, y, scale.At(value));
            }
        }

        double metresPerDot = grid.PixelSizeMetres / enlarge;
        var legend = PreviewLegend.Draw(Math.Max(map.Width, SmallestMapWidth), colours, minimum, maximum, grid.EpsgCode == 0 ? null : metresPerDot, options);
        var picture = new Canvas(legend.Width, map.Height + legend.Height);
        picture.Paste(map, 0, 0);
        picture.Paste(legend, 0, map.Height);

        string stem = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(pngPath))!, Path.GetFileNameWithoutExtension(pngPath));
        string overlayPath = $"{stem}_overlay.png", legendPath = $"{stem}_legend.png";
        picture.SavePng(pngPath);
        map.SavePng(overlayPath);
        legend.SavePng(legendPath);
        string[] worldFiles = [$"{stem}.pgw", $"{stem}_overlay.pgw"];
        foreach (string worldFile in worldFiles)
            AtomicFile.WriteAllText(worldFile, WorldFile(grid, metresPerDot));
        string? kml = grid.EpsgCode == 0 ? null : $"{stem}.kml";
        if (kml is not null)
            AtomicFile.WriteAllText(kml, GroundOverlay.Kml(grid, Path.GetFileName(overlayPath), options.Title, $"{options.Caption}. {string.Join("; ", options.Inputs)}"));
        return new PreviewFiles(Path.GetFullPath(pngPath), overlayPath, legendPath, worldFiles, kml, scale);
    }

    // Six lines: pixel width, two rotations, minus pixel height, centre of the upper left pixel.
    private static string WorldFile(RasterGrid grid, double size) => string.Create(CultureInfo.InvariantCulture,
        $"{size:R}\n0\n0\n{-size:R}\n{grid.OriginX + size / 2:R}\n{grid.OriginY - size / 2:R}\n");
}
