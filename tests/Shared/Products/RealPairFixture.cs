using System.Globalization;
using System.Xml.Linq;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Tests;

/// <summary>
/// Two Level-1C products put together from real parts: the 10 m pixels of the pair over T33UUU (29 May and 8 June 2016) and the metadata files of a real
/// product of the wanted processing baseline, in which tile, dates and grid are replaced so that they agree with the pixels.
/// </summary>
/// <remarks>
/// The pair has one band only. It is stored as B02, B03 and B04; the other bands are made of it so that a spectral mask sees plain vegetated land and
/// no cirrus. The known shift between the dates, by phase correlation, is (-0.65, +1.82) pixels, reference (8 June) minus target (29 May).
/// Angles, special values, quantification and offsets are the real ones. Detector masks: real polygons, moved (02.04); none (02.09, whose tree has none);
/// a piece of a real raster mask of baseline 04.00 (05.11).
/// </remarks>
public static class RealPairFixture
{
    /// <summary>What the tests need to be there: <c>[SharedDataFact(RealPairFixture.RequiredData)]</c>.</summary>
    public const string RequiredData = "data/s2_pair_T33UUU";

    public static readonly string[] Baselines = ["02.04", "02.09", "05.11"];

    /// <summary>Everything that both dates cover: 1788 x 2496 pixels; clouds at the North-East corner and in the South of the earlier date.</summary>
    public static readonly RasterGrid CommonArea = new(32633, 336000, 5861000, 10, 1788, 2496);

    /// <summary>The part without clouds on both dates: 1200 x 900 pixels.</summary>
    public static readonly RasterGrid ClearArea = new(32633, 341000, 5850000, 10, 1200, 900);

    private const string EarlierPixels = RequiredData + "/tgt_S2A_20160529T153631_T33UUU_sub.jp2";
    private const string LaterPixels = RequiredData + "/ref_S2A_20160608T153121_T33UUU_sub.jp2";
    private const string DetectorMask =
        "data/safe_l2a_N0400_masks/S2A_MSIL2A_20221005T115411_N0400_R023_T29UNU_20221005T164454.SAFE/GRANULE/L2A_T29UNU_A038058_20221005T115407/QI_DATA/MSK_DETFOO_B04.jp2";

    /// <summary>Builds both products below <paramref name="folder"/>.</summary>
    /// <param name="baseline">One of <see cref="Baselines"/>.</param>
    /// <param name="area">Which ground; <see cref="ClearArea"/> unless told. Sides in multiples of 6 pixels.</param>
    /// <param name="bands">Which bands get a file; all unless told.</param>
    public static (string Earlier, string Later) Build(string folder, string baseline, RasterGrid? area = null, params SafeBand[] bands)
    {
        var wanted = bands.Length == 0 ? SafeBand.All : bands;
        return (BuildOne(folder, baseline, "20160529", EarlierPixels, area ?? ClearArea, wanted), BuildOne(folder, baseline, "20160608", LaterPixels, area ?? ClearArea, wanted));
    }

    private static string BuildOne(string folder, string baseline, string date, string pixels, RasterGrid area, IReadOnlyList<SafeBand> bands)
    {
        var (tree, tile, treeDate) = baseline switch
        {
            "02.04" => ("s2reader/compact_safe/S2A_MSIL1C_20170226T102021_N0204_R065_T32TNM_20170226T102458.SAFE", "T32TNM", "20170226"),
            "02.09" => ("stactools/S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE", "T01LAC", "20200717"),
            "05.11" => ("S2C_MSIL1C_20250228T031721_N0511_R118_T48PVS_20250228T065233.SAFE", "T48PVS", "20250228"),
            _ => throw new ArgumentOutOfRangeException(nameof(baseline), baseline, $"There is real metadata for {string.Join(", ", Baselines)} only."),
        };
        string source = SharedData.PathOf("data/safe_l1c/" + tree);
        string Renamed(string text) => text.Replace(tile, "T33UUU", StringComparison.Ordinal)
            .Replace(treeDate, date, StringComparison.Ordinal)
            .Replace($"{treeDate[..4]}-{treeDate[4..6]}-{treeDate[6..]}", $"{date[..4]}-{date[4..6]}-{date[6..]}", StringComparison.Ordinal);
        string target = Path.Combine(folder, Renamed(Path.GetFileName(source)));
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(source, file);
            if (!(name.EndsWith(".xml", StringComparison.Ordinal) || name.EndsWith(".gml", StringComparison.Ordinal) || name.EndsWith(".safe", StringComparison.Ordinal)) || new FileInfo(file).Length == 0)
                continue;
            string copy = Path.Combine(target, Renamed(name));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllText(copy, Renamed(File.ReadAllText(file)));
            if (name.EndsWith("MTD_TL.xml", StringComparison.Ordinal))
                PutOnGrid(copy, area);
            else if (name.EndsWith(".gml", StringComparison.Ordinal))
                MovePolygons(copy, area);
        }

        var product = SafeProduct.Open(target);
        WriteBands(product, pixels, area, bands);
        if (baseline == "05.11" && SharedData.Has(DetectorMask))
            WriteDetectorMask(product, area);
        return target;
    }

    private static void PutOnGrid(string tileMetadata, RasterGrid area)
    {
        var document = XDocument.Load(tileMetadata);
        void Set(string name, Func<int, object> value)
        {
            foreach (var element in document.Descendants(name))
                element.SetValue(value(int.Parse(element.Parent!.Attribute("resolution")!.Value, CultureInfo.InvariantCulture)));
        }

        document.Descendants("HORIZONTAL_CS_CODE").Single().SetValue($"EPSG:{area.EpsgCode}");
        document.Descendants("HORIZONTAL_CS_NAME").Single().SetValue("WGS84 / UTM zone 33N");
        Set("NROWS", resolution => area.Height * 10 / resolution);
        Set("NCOLS", resolution => area.Width * 10 / resolution);
        Set("ULX", _ => area.OriginX);
        Set("ULY", _ => area.OriginY);
        document.Save(tileMetadata);
    }

    /// <summary>Moves a mask so that the boundary between detectors 10 and 11 of the real tile, near (523000, 4685000), crosses the area.</summary>
    private static void MovePolygons(string mask, RasterGrid area)
    {
        double east = area.Easting(area.Width / 2.0) - 523000, north = area.Northing(area.Height / 2.0) - 4685000;
        var document = XDocument.Load(mask);
        foreach (var list in document.Descendants().Where(e => e.Name.LocalName == "posList"))
        {
            int dimension = int.Parse(list.Attribute("srsDimension")!.Value, CultureInfo.InvariantCulture);
            var numbers = list.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t, CultureInfo.InvariantCulture));
            list.SetValue(string.Join(' ', numbers.Select((v, i) => (v + (i % dimension == 0 ? east : i % dimension == 1 ? north : 0)).ToString(CultureInfo.InvariantCulture))));
        }

        document.Save(mask);
    }

    private static void WriteBands(SafeProduct product, string pixels, RasterGrid area, IReadOnlyList<SafeBand> bands)
    {
        Raster<ushort> real;
        using (var file = RasterFile.Open(SharedData.PathOf(pixels)))
        {
            var grid = file.Grid;
            real = file.Read<ushort>(1, new Window((int)grid.Column(area.OriginX), (int)grid.Row(area.OriginY), area.Width, area.Height));
        }

        foreach (var band in bands)
        {
            int factor = band.ResolutionMetres / 10;
            var raster = new Raster<ushort>(area.Width / factor, area.Height / factor);
            for (int y = 0; y < raster.Height; y++)
            {
                for (int x = 0; x < raster.Width; x++)
                    raster[x, y] = Value(real, x * factor, y * factor, factor, band, -product.RadiometricOffset(band));
            }

            RasterCopy.WriteJpeg2000(Path.Combine(product.Source, product.BandFile(band)!), raster, product.Grid(band));
        }
    }

    private static ushort Value(Raster<ushort> real, int left, int top, int factor, SafeBand band, double added)
    {
        double sum = 0;
        for (int y = top; y < top + factor; y++)
        {
            for (int x = left; x < left + factor; x++)
            {
                if (real[x, y] == 0)
                    return 0;
                sum += real[x, y];
            }
        }

        double mean = sum / (factor * factor);
        double value = band.Name switch
        {
            "B02" or "B03" or "B04" or "B01" or "B12" => mean,
            "B10" => 12,
            "B11" => 1.5 * mean + 500,
            _ => 2 * mean + 800,
        };
        return (ushort)Math.Clamp(Math.Round(value + added), 1, 65534);
    }

    private static void WriteDetectorMask(SafeProduct product, RasterGrid area)
    {
        using var file = RasterFile.Open(SharedData.PathOf(DetectorMask));
        int middle = file.Height / 2;
        var row = file.Read<byte>(1, new Window(0, middle, file.Width, 1)).Pixels;
        int boundary = Enumerable.Range(area.Width, file.Width - 2 * area.Width).First(x => row[x] != row[x + 1] && row[x] != 0 && row[x + 1] != 0);
        var part = file.Read<byte>(1, new Window(boundary - area.Width / 2, middle - area.Height / 2, area.Width, area.Height));
        RasterCopy.WriteJpeg2000(Path.Combine(product.Source, product.MaskFile("MSK_DETFOO", SafeBand.B04)!), part, area);
    }
}
