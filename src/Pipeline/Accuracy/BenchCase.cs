using System.Globalization;
using System.Text.RegularExpressions;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Accuracy;

/// <summary>Something on disk that a matcher can be measured on.</summary>
public abstract partial record BenchCase(string Name, string Reference, string Secondary)
{
    private const int DeepestFolder = 4;

    /// <summary>
    /// Everything under <paramref name="folder"/>: scenes (pre.tif, post.tif, and truth.tif there or one level up), chips of known shift (left.tif and
    /// right.tif in a folder named r+0.25c-0.50), or a plain pair (exactly two rasters).
    /// </summary>
    /// <exception cref="InputException">There is nothing of the kind.</exception>
    public static IReadOnlyList<BenchCase> Find(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException($"The folder {folder} does not exist: give a folder with pre.tif, post.tif and truth.tif.");
        var found = new List<BenchCase>();
        Search(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), 0, found);
        return found.Count > 0 ? found : throw new InputException(
            $"{folder} holds no scene: put pre.tif, post.tif and truth.tif there, or left.tif and right.tif into folders named like r+0.25c+0.00, or exactly two rasters.");
    }

    private static void Search(string folder, int depth, List<BenchCase> found)
    {
        string Inside(string file) => Path.Combine(folder, file);
        string name = Path.GetFileName(folder);
        if (File.Exists(Inside("pre.tif")) && File.Exists(Inside("post.tif")))
        {
            string? truth = new[] { Inside("truth.tif"), Path.GetFullPath(Inside("../truth.tif")) }.FirstOrDefault(File.Exists);
            found.Add(truth is null ? new RealPair(name, Inside("pre.tif"), Inside("post.tif")) : new TrueScene(name, Inside("pre.tif"), Inside("post.tif"), truth));
            return;
        }

        var shift = ShiftName().Match(name);
        if (shift.Success && File.Exists(Inside("left.tif")) && File.Exists(Inside("right.tif")))
        {
            double Number(string group) => double.Parse(shift.Groups[group].Value, CultureInfo.InvariantCulture);
            found.Add(new KnownShift(
                $"{Path.GetFileName(Path.GetDirectoryName(folder))}/{name}", Inside("left.tif"), Inside("right.tif"), Number("column"), Number("row"),
                Directory.EnumerateFiles(folder, "gri_*_col_disp.tif", SearchOption.AllDirectories).Order(StringComparer.Ordinal).FirstOrDefault(),
                Directory.EnumerateFiles(folder, "gri_*_row_disp.tif", SearchOption.AllDirectories).Order(StringComparer.Ordinal).FirstOrDefault()));
            return;
        }

        var rasters = Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f).ToLowerInvariant() is ".tif" or ".tiff" or ".jp2").Order(StringComparer.Ordinal).ToArray();
        if (rasters.Length == 2)
            found.Add(new RealPair(name, rasters[0], rasters[1]));
        if (depth == DeepestFolder)
            return;
        foreach (string inner in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
            Search(inner, depth + 1, found);
    }

    [GeneratedRegex(@"^r(?<row>[+-]\d+(\.\d+)?)c(?<column>[+-]\d+(\.\d+)?)$")]
    private static partial Regex ShiftName();
}

/// <summary>A scene whose true displacement is a raster: band 1 East, band 2 South (pixels), band 3, if there is one, the distance to the fault (pixels).</summary>
public sealed record TrueScene(string Name, string Reference, string Secondary, string TruthPath) : BenchCase(Name, Reference, Secondary)
{
    /// <exception cref="InputException">The file is no truth of this scene.</exception>
    public SceneTruth ReadTruth(int width, int height)
    {
        using var file = RasterFile.Open(TruthPath);
        if (file.Width != width || file.Height != height || file.BandCount < 2)
        {
            throw new InputException(
                $"{TruthPath} has {file.BandCount} bands of {file.Width} x {file.Height} pixels: the truth of this scene needs at least two (East, South) of {width} x {height}.");
        }

        return new SceneTruth(file.Read<float>(1), file.Read<float>(2), file.BandCount > 2 ? file.Read<float>(3) : null);
    }
}

/// <summary>Two chips with one known shift for all pixels, and perhaps what CNES' MEDICIS found on them.</summary>
/// <param name="ShiftColumns">As the folder says, pixels.</param>
/// <param name="ShiftRows">As the folder says, pixels.</param>
public sealed record KnownShift(
    string Name, string Reference, string Secondary, double ShiftColumns, double ShiftRows, string? MedicisColumns, string? MedicisRows)
    : BenchCase(Name, Reference, Secondary);

/// <summary>A pair without truth: only its spread can be measured.</summary>
public sealed record RealPair(string Name, string Reference, string Secondary) : BenchCase(Name, Reference, Secondary);
