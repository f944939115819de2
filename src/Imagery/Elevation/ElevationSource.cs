using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Elevation;

/// <summary>Terrain on an image grid, and where it came from.</summary>
/// <param name="Elevation">Metres; NaN = unknown.</param>
/// <param name="IsAvailable">At least one pixel has a value.</param>
/// <param name="Warning">One sentence for the user when terrain is absent or incomplete; null when all is well.</param>
/// <param name="Files">The files that were used.</param>
/// <param name="MissingTiles">Tiles of a named data set that were not found (open sea has none).</param>
public sealed record ElevationResult(
    Raster<float> Elevation, bool IsAvailable, string? Warning, IReadOnlyList<string> Files, IReadOnlyList<string> MissingTiles);

/// <summary>
/// Where the terrain comes from: a named data set (merit, cop-dem-glo-30) under a root folder or bucket, files and folders of any projection, or none.
/// </summary>
public sealed class ElevationSource
{
    public const string None = "none";

    private static readonly string[] s_rasterExtensions = [".tif", ".tiff", ".hgt", ".vrt"];

    private readonly DemTileNaming? _dataSet;
    private readonly string? _root;
    private readonly IReadOnlyList<string> _paths;

    private ElevationSource(string name, DemTileNaming? dataSet, string? root, IReadOnlyList<string> paths)
    {
        Name = name;
        _dataSet = dataSet;
        _root = root;
        _paths = paths;
    }

    /// <summary>What was asked for: the name of the data set, none, or the paths.</summary>
    public string Name { get; }

    /// <summary>Reads the words of <c>--dem</c> and <c>--dem-root</c>.</summary>
    /// <param name="dem">merit, cop-dem-glo-30, none, or one or more paths of files or folders.</param>
    /// <param name="root">Folder, s3://bucket/prefix or https:// address that holds the tiles of a named data set.</param>
    /// <exception cref="InputException">A path does not exist, or a name stands beside other words.</exception>
    public static ElevationSource Create(IReadOnlyList<string> dem, string? root)
    {
        if (dem.Count == 0 || (dem.Count == 1 && dem[0].Equals(None, StringComparison.OrdinalIgnoreCase)))
            return new ElevationSource(None, null, null, []);
        if (dem.Count == 1 && DemTileNaming.Of(dem[0]) is { } dataSet)
            return new ElevationSource(dataSet.Name, dataSet, root is null ? null : VsiPath(root), []);
        if (dem.FirstOrDefault(word => word.Equals(None, StringComparison.OrdinalIgnoreCase) || DemTileNaming.Of(word) is not null) is { } name)
            throw new InputException($"The DEM '{name}' cannot be combined with others: give it alone, or give paths only.");
        var paths = dem.Select(VsiPath).ToList();
        if (paths.Find(path => !VsiFile.Exists(path)) is { } missing)
            throw new InputException($"The DEM {missing} does not exist: give merit, cop-dem-glo-30, none, or the path of a GeoTIFF, a .hgt file or a folder of them.");
        return new ElevationSource(string.Join(' ', dem), null, null, paths);
    }

    /// <summary>Terrain on <paramref name="grid"/> by bilinear interpolation. No terrain is no error: the result then says why.</summary>
    /// <exception cref="InputException">A file of the DEM is damaged or has no reference system.</exception>
    public ElevationResult Read(RasterGrid grid)
    {
        if (_dataSet is null && _paths.Count == 0)
            return Absent(grid, null, []);
        if (grid.EpsgCode == 0)
            return Absent(grid, "The images state no reference system, so no DEM can be laid over them: the slope mask is clear everywhere.", []);
        if (_dataSet is not null && _root is null)
            return Absent(grid, $"No folder with the {Name} DEM is configured: the slope mask is clear everywhere; name the folder with --dem-root, or give --dem none.", []);
        var missing = new List<string>();
        var files = _dataSet is null ? FilesOfPaths() : TilesOf(_dataSet, _root!, grid, missing);
        var sources = new List<RasterFile>();
        try
        {
            foreach (string file in files)
                Add(sources, file, grid);
            if (sources.Count == 0)
                return Absent(grid, NothingFound(missing), missing);
            Raster<float> elevation;
            try
            {
                elevation = Warp.ToGrid(sources, grid);
            }
            catch (GdalException cause)
            {
                throw new InputException($"The DEM cannot be brought onto the image grid ({cause.Message.TrimEnd('.')}): fetch the file again or choose another DEM.", cause);
            }

            int known = elevation.Pixels.Count(float.IsFinite);
            if (known == 0)
                return Absent(grid, NothingFound(missing), missing);
            string? warning = missing.Count > 0
                ? $"The {Name} DEM lacks {string.Join(", ", missing)} under {_root} (open sea has no tiles): the slope mask is clear there."
                : known < elevation.Pixels.Length / 2
                    ? $"The DEM {Name} covers only {100.0 * known / elevation.Pixels.Length:0} % of the image: the slope mask is clear elsewhere."
                    : null;
            return new ElevationResult(elevation, true, warning, [.. sources.Select(source => source.Path)], missing);
        }
        finally
        {
            foreach (var source in sources)
                source.Dispose();
        }
    }

    private string NothingFound(List<string> missing) => _dataSet is null
        ? $"The DEM {Name} does not cover the images: the slope mask is clear everywhere; give a DEM of this place, or --dem none."
        : $"The {Name} DEM has none of the tiles {string.Join(", ", missing)} under {_root}: the slope mask is clear everywhere; put them there, or give --dem none.";

    private static ElevationResult Absent(RasterGrid grid, string? warning, IReadOnlyList<string> missing) =>
        new(new Raster<float>(grid.Width, grid.Height).Fill(float.NaN), false, warning, [], missing);

    // A global mosaic is welcome here: only the part under the grid is read.
    private static void Add(List<RasterFile> sources, string path, RasterGrid grid)
    {
        var file = RasterFile.Open(path, long.MaxValue);
        try
        {
            if (!file.HasGeoTransform || file.ProjectionWkt.Length == 0)
                throw new InputException($"The DEM {path} states no reference system or place: assign them first, for example with gdal_translate -a_srs.");
            if (GridExtent.Overlaps(grid, file))
            {
                sources.Add(file);
                return;
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
    }

    private static List<string> TilesOf(DemTileNaming dataSet, string root, RasterGrid grid, List<string> missing)
    {
        var found = new List<string>();
        foreach (var (latitude, longitude) in GridExtent.Tiles(grid, dataSet.TileDegrees))
        {
            var candidates = dataSet.Candidates(latitude, longitude);
            string? file = candidates.Select(candidate => Join(root, candidate)).FirstOrDefault(VsiFile.Exists);
            if (file is not null)
                found.Add(file);
            else
                missing.Add(Path.GetFileNameWithoutExtension(candidates[0]));
        }

        return found;
    }

    private static string Join(string root, string relative) =>
        relative.StartsWith("/vsitar/", StringComparison.Ordinal) ? $"/vsitar/{root}/{relative["/vsitar/".Length..]}" : $"{root}/{relative}";

    private List<string> FilesOfPaths()
    {
        var files = new List<string>();
        foreach (string path in _paths)
        {
            if (VsiFile.IsDirectory(path))
            {
                files.AddRange(VsiFile.List(path, recursive: true)
                    .Where(entry => !entry.IsDirectory && s_rasterExtensions.Contains(Path.GetExtension(entry.Name).ToLowerInvariant()))
                    .Select(entry => $"{path}/{entry.Name}"));
            }
            else
            {
                files.Add(path);
            }
        }

        return files;
    }

    private static string VsiPath(string place)
    {
        string path = place.StartsWith("s3://", StringComparison.Ordinal) ? $"/vsis3/{place["s3://".Length..]}"
            : place.StartsWith("https://", StringComparison.Ordinal) || place.StartsWith("http://", StringComparison.Ordinal) ? $"/vsicurl/{place}"
            : place.StartsWith("/vsi", StringComparison.Ordinal) ? place
            : Path.GetFullPath(place);
        return path.Length > 1 ? path.TrimEnd('/') : path;
    }
}
