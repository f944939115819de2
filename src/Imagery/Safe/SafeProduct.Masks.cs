using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>Masks that lie beside the bands, in QI_DATA.</summary>
public sealed partial class SafeProduct
{
    /// <summary>
    /// Which detector saw what, for one band; null when the product does not hold that mask. Polygons before processing baseline 04.00, a raster from
    /// then on; the file's extension says which. Detector numbers of polygons come from the ids of the features, which are in any order.
    /// </summary>
    /// <exception cref="Science.Rasters.InputException">There are no tile metadata, or the mask is damaged.</exception>
    public DetectorFootprint? DetectorFootprint(SafeBand band)
    {
        if (FindMask("MSK_DETFOO", band) is not { } mask)
            return null;
        if (mask.EndsWith(".gml", StringComparison.OrdinalIgnoreCase))
        {
            var polygons = ReadGml(mask)
                .SelectMany(f => f.Polygons.Select(p => new DetectorPolygon(GmlMask.DetectorNumber(f, mask), p.Rings[0])))
                .OrderBy(p => p.Detector).ToList();
            return new DetectorFootprint(SensingTime, polygons, null, null);
        }

        using var file = OpenImage(mask);
        return new DetectorFootprint(SensingTime, null, file.Read<byte>(1), file.Grid);
    }

    /// <summary>
    /// The file of a mask inside the product, or null. The metadata give paths from the root since 27 September 2016 and bare names before; where they
    /// list nothing, the name that the format prescribes is tried.
    /// </summary>
    internal string? FindMask(string type, SafeBand? band)
    {
        string[] candidates = MaskFile(type, band) is { } listed
            ? [listed]
            : [$"{GranuleFolder}/QI_DATA/{type}_{band?.Name ?? "B00"}.jp2", $"{GranuleFolder}/QI_DATA/{type}_{band?.Name ?? "B00"}.gml"];
        return candidates.FirstOrDefault(c => Files.Exists(c) && Files.Length(c) > 0);
    }

    /// <summary>Where the metadata say a mask lies, relative to the .SAFE folder; the file need not be there. Null when they list none.</summary>
    /// <param name="type">MSK_DETFOO, MSK_QUALIT, MSK_CLASSI, MSK_CLOUDS, MSK_DEFECT, MSK_NODATA, MSK_SATURA, MSK_TECQUA.</param>
    /// <param name="band">Null for the masks of all bands together, MSK_CLASSI and MSK_CLOUDS.</param>
    public string? MaskFile(string type, SafeBand? band)
    {
        var listed = Masks.FirstOrDefault(m => m.Type == type && m.BandId == band?.Id);
        return listed is null ? null : listed.FileName.Contains('/') ? listed.FileName : $"{GranuleFolder}/QI_DATA/{listed.FileName}";
    }

    internal IReadOnlyList<GmlFeature> ReadGml(string file)
    {
        using var xml = Files.OpenRead(file);
        return GmlMask.Parse(xml, $"{file} of {Name}");
    }
}
