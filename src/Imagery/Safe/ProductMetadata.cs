using System.Text.RegularExpressions;
using System.Xml.Linq;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>One granule as the product metadata list it: its identifier and its image files without extension.</summary>
internal sealed record GranuleEntry(string Identifier, string Tile, int AbsoluteOrbit, IReadOnlyList<string> Images);

/// <summary>What MTD_MSIL1C.xml (before 27 September 2016: *_MTD_SAFL1C_*.xml) says.</summary>
internal sealed partial class ProductMetadata
{
    private readonly Dictionary<int, double> _offsets = [];
    private readonly Dictionary<string, ushort> _specialValues = new(StringComparer.OrdinalIgnoreCase);

    private ProductMetadata(string file, XElement root)
    {
        File = file;
        if (!root.Name.LocalName.StartsWith("Level-1C", StringComparison.Ordinal))
            throw new InputException($"{file} holds <{root.Name.LocalName}> instead of Level-1C product metadata: give a Level-1C (top of atmosphere) product.");
        var info = root.Require("Product_Info", file);
        Baseline = info.RequireText("PROCESSING_BASELINE", file);
        Spacecraft = info.RequireText("SPACECRAFT_NAME", file);
        DatatakeStart = info.RequireTime("DATATAKE_SENSING_START", file);
        RelativeOrbit = info.RequireInteger("SENSING_ORBIT_NUMBER", file);
        OrbitDirection = info.RequireText("SENSING_ORBIT_DIRECTION", file);
        DatatakeType = info.FirstBelow("DATATAKE_TYPE")?.Value.Trim() ?? "";
        var characteristics = root.Require("Product_Image_Characteristics", file);
        QuantificationValue = characteristics.RequireNumber("QUANTIFICATION_VALUE", file);
        if (!(QuantificationValue > 0))
            throw SafeXml.Unreadable(characteristics.RequireText("QUANTIFICATION_VALUE", file), "QUANTIFICATION_VALUE", file);
        foreach (var special in characteristics.Children("Special_Values"))
            _specialValues[special.RequireText("SPECIAL_VALUE_TEXT", file)] = (ushort)Math.Clamp(special.RequireInteger("SPECIAL_VALUE_INDEX", file), 0, ushort.MaxValue);
        foreach (var offset in characteristics.Below("RADIO_ADD_OFFSET"))
        {
            int band = SafeXml.Integer(offset.LocalAttribute("band_id") ?? offset.LocalAttribute("bandId") ?? "", "RADIO_ADD_OFFSET band_id", file);
            _offsets[band] = SafeXml.Number(offset.Value.Trim(), "RADIO_ADD_OFFSET", file);
        }

        Granules = info.Below("Granule").Concat(info.Below("Granules")).Select(g => ReadGranule(g, file)).ToList();
        if (Granules.Count == 0)
            throw new InputException($"{file} lists no granule: it is not complete Level-1C metadata; download the product again.");
        string? clouds = root.FirstBelow("Cloud_Coverage_Assessment")?.Value.Trim();
        CloudCoverPercent = clouds is null ? null : SafeXml.Number(clouds, "Cloud_Coverage_Assessment", file);
    }

    public string File { get; }

    public string Baseline { get; }

    public string Spacecraft { get; }

    public DateTimeOffset DatatakeStart { get; }

    public string DatatakeType { get; }

    public int RelativeOrbit { get; }

    public string OrbitDirection { get; }

    public double QuantificationValue { get; }

    public double? CloudCoverPercent { get; }

    public IReadOnlyList<GranuleEntry> Granules { get; }

    public static ProductMetadata Parse(Stream xml, string file) => new(file, SafeXml.Load(xml, file));

    /// <summary>RADIO_ADD_OFFSET of a band; 0 when the product has no such list. A list without this band is damaged.</summary>
    public double RadiometricOffset(SafeBand band) => _offsets.Count == 0 ? 0
        : _offsets.TryGetValue(band.Id, out double offset) ? offset
        : throw new InputException($"{File} lists radiometric offsets but none for band {band.Name}: download the product again.");

    public ushort SpecialValue(string name) => _specialValues.TryGetValue(name, out ushort value) ? value
        : throw new InputException($"{File} does not say which pixel value means {name}: it is not complete Level-1C metadata; download the product again.");

    private static GranuleEntry ReadGranule(XElement granule, string file)
    {
        string identifier = granule.LocalAttribute("granuleIdentifier") ?? "";
        var match = GranuleIdentifier().Match(identifier);
        if (!match.Success)
            throw SafeXml.Unreadable(identifier, "granuleIdentifier", file);
        var images = granule.Children("IMAGE_FILE").Concat(granule.Children("IMAGE_ID")).Select(i => i.Value.Trim()).ToList();
        return new GranuleEntry(identifier, match.Groups["tile"].Value, int.Parse(match.Groups["orbit"].Value, System.Globalization.CultureInfo.InvariantCulture), images);
    }

    [GeneratedRegex(@"_A(?<orbit>\d{6})_(?<tile>T\d{2}[A-Z]{3})_", RegexOptions.CultureInvariant)]
    private static partial Regex GranuleIdentifier();
}
