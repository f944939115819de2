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
    public const int UsualSide = 2048;

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
    public int MaximumSide { get; init; } = UsualSide;
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
    private const int SmallestMapWidth = 560;

    /// <summary>Draws a product of which a reduced copy was gathered.</summary>
    /// <param name="pngPath">Name of the picture; the other files take its name with _overlay, _legend, .pgw and .kml.</param>
    public static PreviewFiles Write(string pngPath, ReducedCopy copy, PreviewOptions options) => WriteReduced(pngPath, copy.Means, copy.Grid, options);

    /// <summary>Draws a product that is in memory.</summary>
    public static PreviewFiles Write(string pngPath, Raster<float> raster, RasterGrid grid, PreviewOptions options)
    {
        var copy = new ReducedCopy(grid, options.MaximumSide);
        copy.Add(0, raster);
        return Write(pngPath, copy, options);
    }

    private static PreviewFiles WriteReduced(string pngPath, Raster<float> raster, RasterGrid grid, PreviewOptions options)
    {
        var scale = ColourScale.Of(options.Kind, raster, options.Limit);
        var (colours, minimum, maximum) = scale;
        // A small scene is drawn with several dots per pixel, so that its legend has room.
        int enlarge = Math.Max(1, Math.Min((SmallestMapWidth + raster.Width - 1) / raster.Width, (options.MaximumSide - PreviewLegend.Room) / raster.Height));
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
