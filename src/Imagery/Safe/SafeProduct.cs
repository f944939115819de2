using System.Globalization;
using System.Text.RegularExpressions;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>
/// One tile of a Sentinel-2 Level-1C product: everything its metadata say, always read from the XML and never inferred from dates or names.
/// Compact products, zipped ones (read in place), and products before 27 September 2016, which hold several tiles.
/// </summary>
/// <remarks>
/// Opening reads the product metadata only. Members that need the tile metadata (MTD_TL.xml), a band or a mask read it on first use, and throw an
/// <see cref="InputException"/> that names the missing file, so that partial trees can be looked into.
/// </remarks>
public sealed partial class SafeProduct
{
    private readonly ProductMetadata _metadata;
    private readonly GranuleEntry _granule;
    private readonly Lazy<TileMetadata> _tileMetadata;

    private SafeProduct(SafeContainer files, ProductMetadata metadata, GranuleEntry granule)
    {
        Files = files;
        _metadata = metadata;
        _granule = granule;
        _tileMetadata = new Lazy<TileMetadata>(ReadTileMetadata, LazyThreadSafetyMode.ExecutionAndPublication);
    }

    /// <summary>Name of the .SAFE folder.</summary>
    public string Name => Files.Name;

    /// <summary>Full path of the folder or archive that was opened.</summary>
    public string Source => Files.Source;

    /// <summary>MGRS tile with its T, e.g. T11SMV.</summary>
    public string Tile => _granule.Tile;

    /// <summary>All tiles of the product; more than one only before 27 September 2016.</summary>
    public IReadOnlyList<string> TilesInProduct => TilesOf(_metadata);

    /// <summary>Sentinel-2A, Sentinel-2B, Sentinel-2C.</summary>
    public string Spacecraft => _metadata.Spacecraft;

    /// <summary>E.g. 05.11.</summary>
    public string ProcessingBaseline => _metadata.Baseline;

    /// <summary>INS-NOBS for nominal observation.</summary>
    public string DatatakeType => _metadata.DatatakeType;

    /// <summary>1 to 143.</summary>
    public int RelativeOrbit => _metadata.RelativeOrbit;

    public int AbsoluteOrbit => _granule.AbsoluteOrbit;

    /// <summary>DESCENDING or ASCENDING.</summary>
    public string OrbitDirection => _metadata.OrbitDirection;

    /// <summary>When the datatake began, UTC; the time in the product's name.</summary>
    public DateTimeOffset DatatakeStart => _metadata.DatatakeStart;

    /// <summary>When the tile was seen, UTC.</summary>
    public DateTimeOffset SensingTime => _tileMetadata.Value.SensingTime;

    /// <summary>QUANTIFICATION_VALUE: reflectance = (DN + offset) / this.</summary>
    public double QuantificationValue => _metadata.QuantificationValue;

    /// <summary>The DN that means: nothing measured.</summary>
    public ushort NoDataValue => _metadata.SpecialValue("NODATA");

    /// <summary>The DN that means: saturated.</summary>
    public ushort SaturatedValue => _metadata.SpecialValue("SATURATED");

    /// <summary>Cloud cover as the tile metadata (or, without them, the product metadata) declare it, per cent.</summary>
    public double? DeclaredCloudCoverPercent =>
        (HasTileMetadata ? _tileMetadata.Value.CloudCoverPercent : null) ?? _metadata.CloudCoverPercent;

    /// <summary>Bands that the metadata list, in the order of their bandId.</summary>
    public IReadOnlyList<SafeBand> Bands => SafeBand.All.Where(b => ImageOf(b) is not null).ToList();

    /// <summary>Whether grid, angles and masks are known.</summary>
    public bool HasTileMetadata => TileMetadataFile is { } file && Files.Exists(file);

    public AngleGrid SunAngles => _tileMetadata.Value.SunAngles;

    public MeanAngle MeanSunAngle => _tileMetadata.Value.MeanSunAngle;

    internal SafeContainer Files { get; }

    internal string GranuleFolder
    {
        get
        {
            string image = _granule.Images.FirstOrDefault(i => i.Contains("/IMG_DATA/", StringComparison.Ordinal)) ?? "";
            int end = image.IndexOf("/IMG_DATA/", StringComparison.Ordinal);
            return end > 0 ? image[..end] : "GRANULE/" + _granule.Identifier;
        }
    }

    private IReadOnlyList<MaskEntry> Masks => _tileMetadata.Value.Masks;

    private string TileMetadataFile
    {
        get
        {
            if (GranuleFolder != "GRANULE/" + _granule.Identifier)
                return GranuleFolder + "/MTD_TL.xml";
            string name = _granule.Identifier.Replace("_MSI_", "_MTD_", StringComparison.Ordinal);
            int baseline = name.LastIndexOf("_N", StringComparison.Ordinal);
            return $"{GranuleFolder}/{(baseline > 0 ? name[..baseline] : name)}.xml";
        }
    }

    /// <summary>
    /// Opens a product: a .SAFE folder, a zip archive of one, or the path of its MTD_MSIL1C.xml (before 27 September 2016: *_MTD_SAFL1C_*.xml).
    /// Folders and metadata may lie on GDAL's virtual file system (/vsis3/, /vsicurl/, /vsimem/).
    /// </summary>
    /// <param name="path">Folder, archive or metadata file.</param>
    /// <param name="tile">Which tile of a product with several, e.g. T53HLA (the T may be left out); null when there is only one.</param>
    /// <exception cref="InputException">Not a Level-1C product, damaged, unsafe archive, or several tiles and none chosen.</exception>
    public static SafeProduct Open(string path, string? tile = null)
    {
        var (files, metadataFile) = Find(path);
        ProductMetadata metadata;
        using (var xml = files.OpenRead(metadataFile))
            metadata = ProductMetadata.Parse(xml, $"{metadataFile} of {files.Name}");
        return new SafeProduct(files, metadata, Choose(metadata, tile, files.Name));
    }

    /// <summary>RADIO_ADD_OFFSET of a band; 0 when the product has no such list (before baseline 04.00).</summary>
    public double RadiometricOffset(SafeBand band) => _metadata.RadiometricOffset(band);

    /// <summary>Top of atmosphere reflectance of a DN that is neither no data nor saturated: (DN + offset) / quantification value.</summary>
    public double Reflectance(SafeBand band, ushort digitalNumber) => (digitalNumber + RadiometricOffset(band)) / QuantificationValue;

    /// <summary>The grid that the metadata give to all bands of this resolution (10, 20 or 60 m).</summary>
    public RasterGrid Grid(int resolutionMetres) => _tileMetadata.Value.Grid(resolutionMetres);

    public RasterGrid Grid(SafeBand band) => Grid(band.ResolutionMetres);

    /// <summary>View angles of a band by detector number, NaN outside the detector's strip; empty when the metadata leave the band out.</summary>
    public IReadOnlyDictionary<int, AngleGrid> ViewAngles(SafeBand band) => _tileMetadata.Value.ViewAngles(band);

    /// <summary>Mean view angle of a band, or null when the metadata leave the band out.</summary>
    public MeanAngle? MeanViewAngle(SafeBand band) => _tileMetadata.Value.MeanViewAngle(band);

    /// <summary>Whether the file of a band is there and not empty.</summary>
    public bool HasBand(SafeBand band) => ImageOf(band) is { } image && Files.Exists(image) && Files.Length(image) > 0;

    /// <summary>Where the metadata say a band lies, relative to the .SAFE folder; the file need not be there. Null when they list no such band.</summary>
    public string? BandFile(SafeBand band) => ImageOf(band);

    /// <summary>The path by which GDAL opens a band.</summary>
    /// <exception cref="InputException">The file is not there or empty; the sentence names it.</exception>
    public string BandPath(SafeBand band)
    {
        string image = ImageOf(band)
            ?? throw new InputException($"{_metadata.File} lists no band {band.Name}: download the product again, or use another band.");
        if (!Files.Exists(image))
            throw new InputException($"Band {band.Name} is missing from {Source}: the file {image} is not there; download the product again, completely.");
        if (Files.Length(image) == 0)
            throw new InputException($"Band {band.Name} of {Source} is empty: the file {image} has 0 bytes; download the product again, completely.");
        return Files.GdalPath(image);
    }

    /// <summary>What pairing and naming need, on the grid of <paramref name="band"/>.</summary>
    public Acquisition ToAcquisition(SafeBand band)
    {
        string craft = Spacecraft.Replace("Sentinel-", "S", StringComparison.OrdinalIgnoreCase);
        string start = DatatakeStart.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        return new Acquisition(new AcquisitionId($"{craft}_{start}_{Tile}"), SensingTime, Tile, Spacecraft, RelativeOrbit, Grid(band));
    }

    public override string ToString() => $"{Name} {Tile}";

    internal static bool IsProductMetadata(string fileName) => fileName == "MTD_MSIL1C.xml" || OldMetadataName().IsMatch(fileName);

    private static (SafeContainer Files, string MetadataFile) Find(string path)
    {
        if (path.StartsWith("/vsi", StringComparison.Ordinal))
            return OnVirtualFileSystem(path);
        if (Directory.Exists(path))
            return InFolder(new FolderContainer(path));
        if (!File.Exists(path))
            throw new InputException($"There is no product at {path}: check the path.");
        if (path.EndsWith(".xml", StringComparison.OrdinalIgnoreCase))
        {
            if (!IsProductMetadata(Path.GetFileName(path)))
                throw new InputException($"{path} is not the metadata file of a Level-1C product: give the .SAFE folder, its zip archive, or its MTD_MSIL1C.xml.");
            return (new FolderContainer(Path.GetDirectoryName(Path.GetFullPath(path))!), Path.GetFileName(path));
        }

        if (!path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"{path} is neither a .SAFE folder, nor a .zip archive, nor MTD_MSIL1C.xml: give one of these.");
        return InFolder(new ZipContainer(path));
    }

    private static (SafeContainer Files, string MetadataFile) OnVirtualFileSystem(string path)
    {
        // A zip is checked before it is read, which needs its bytes at hand.
        if (path.StartsWith("/vsizip/", StringComparison.Ordinal) || path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"{path} is an archive that is not on this machine's disk: fetch it, and give the path of the .zip file itself.");
        int slash = path.LastIndexOf('/');
        return IsProductMetadata(path[(slash + 1)..])
            ? (new VsiContainer(path[..slash]), path[(slash + 1)..])
            : InFolder(new VsiContainer(path));
    }

    private static (SafeContainer Files, string MetadataFile) InFolder(SafeContainer files)
    {
        var names = files.FilesIn("");
        if (names.FirstOrDefault(IsProductMetadata) is { } found)
            return (files, found);
        string reason = names.Contains("MTD_MSIL2A.xml") ? "it is a Level-2A product, whose pixels are not top of atmosphere" : "there is no MTD_MSIL1C.xml in it";
        throw new InputException($"{files.Source} is not a Sentinel-2 Level-1C product ({reason}): give the .SAFE folder of an L1C product.");
    }

    private static GranuleEntry Choose(ProductMetadata metadata, string? tile, string product)
    {
        string known = string.Join(", ", TilesOf(metadata));
        if (tile is null)
        {
            return TilesOf(metadata).Count == 1
                ? metadata.Granules[0]
                : throw new InputException($"{product} holds the tiles {known}: choose one of them with the option --tile.");
        }

        string wanted = tile.Trim().ToUpperInvariant();
        if (!wanted.StartsWith('T'))
            wanted = "T" + wanted;
        return metadata.Granules.FirstOrDefault(g => g.Tile == wanted)
            ?? throw new InputException($"{product} does not hold the tile {wanted} but {known}: choose among these.");
    }

    private static List<string> TilesOf(ProductMetadata metadata) => metadata.Granules.Select(g => g.Tile).Distinct().Order(StringComparer.Ordinal).ToList();

    private string? ImageOf(SafeBand band)
    {
        string? image = _granule.Images.FirstOrDefault(i => i.EndsWith("_" + band.Name, StringComparison.Ordinal));
        return image is null ? null : (image.Contains('/') ? image : $"{GranuleFolder}/IMG_DATA/{image}") + ".jp2";
    }

    private TileMetadata ReadTileMetadata()
    {
        string file = TileMetadataFile;
        if (!Files.Exists(file))
            throw new InputException($"The tile metadata are missing from {Source}: the file {file} is not there; download the product again, completely.");
        using var xml = Files.OpenRead(file);
        return TileMetadata.Parse(xml, $"{file} of {Name}");
    }

    [GeneratedRegex(@"^S2[A-Z]_[A-Z0-9]{4}_MTD_SAFL1C_.*\.xml$", RegexOptions.CultureInvariant)]
    private static partial Regex OldMetadataName();
}
