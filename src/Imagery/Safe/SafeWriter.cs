using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>
/// Writes a compact Level-1C product: the tree, names and metadata of a genuine one, lossless JPEG 2000 bands. The same specification and pixels give
/// the same bytes. Auxiliary data, previews and reports of the producer are left out.
/// </summary>
public static class SafeWriter
{
    /// <summary>Time of the zip entries; zip knows no time zone and no year before 1980.</summary>
    private static readonly DateTimeOffset s_zipTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a product below <paramref name="folder"/>; it appears whole or not at all.</summary>
    /// <param name="folder">Made when it does not exist.</param>
    /// <param name="specification">What the metadata say.</param>
    /// <param name="pixels">
    /// Called once per band, in the order of the specification; gives the DN of the whole band on <see cref="SafeSpecification.GridOf"/>. A band is written
    /// before the next one is asked for, so one band at a time is in memory.
    /// </param>
    /// <param name="zip">Write a .zip archive instead of a folder.</param>
    /// <returns>Path of the .SAFE folder or of the archive.</returns>
    /// <exception cref="InputException">The specification makes no product, something is already there, or the place cannot be written.</exception>
    public static string Write(string folder, SafeSpecification specification, Func<SafeBand, Raster<ushort>> pixels, bool zip = false)
    {
        specification.Check();
        var names = new ProductNames(specification);
        string target = Path.Combine(folder, zip ? names.Product.Replace(".SAFE", ".zip", StringComparison.Ordinal) : names.Product);
        if (Path.Exists(target))
            throw new InputException($"{target} is already there: remove it, or choose another folder.");
        string partial = Path.Combine(folder, ".partial-" + names.Product);
        try
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
            Directory.CreateDirectory(partial);
            WriteTree(partial, specification, names, pixels);
            if (zip)
            {
                WriteZip(partial, names.Product, target + ".partial");
                File.Move(target + ".partial", target);
            }
            else
            {
                Directory.Move(partial, target);
            }

            return target;
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && e is not GdalException))
        {
            throw new InputException($"{target} cannot be written ({e.Message.TrimEnd('.')}): check free space and permissions of {folder}.", e);
        }
        finally
        {
            File.Delete(target + ".partial");
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private static void WriteTree(string root, SafeSpecification s, ProductNames names, Func<SafeBand, Raster<ushort>> pixels)
    {
        foreach (string part in new[] { names.GranuleFolder + "/IMG_DATA", names.GranuleFolder + "/QI_DATA", names.GranuleFolder + "/AUX_DATA", names.DatastripFolder + "/QI_DATA" })
            Directory.CreateDirectory(Path.Combine(root, part));
        foreach (var band in s.Bands)
        {
            var raster = pixels(band);
            var grid = s.GridOf(band);
            if (raster.Width != grid.Width || raster.Height != grid.Height)
                throw new ArgumentException($"Band {band.Name} came with {raster.Width} x {raster.Height} pixels instead of {grid.Width} x {grid.Height}.", nameof(pixels));
            RasterCopy.WriteJpeg2000(Path.Combine(root, names.Image(band) + ".jp2"), raster, grid);
        }

        var masks = s.HasRasterMasks ? WriteRasterMasks(root, s, names) : WriteVectorMasks(root, s, names);
        WriteXml(Path.Combine(root, names.GranuleFolder, "MTD_TL.xml"), TileXml.Tile(s, names, masks));
        WriteXml(Path.Combine(root, names.DatastripFolder, "MTD_DS.xml"), ProductXml.Datastrip(s, names));
        WriteXml(Path.Combine(root, "MTD_MSIL1C.xml"), ProductXml.Product(s, names));
        WriteXml(Path.Combine(root, "manifest.safe"), Manifest(root, s, names));
    }

    private static List<MaskEntry> WriteRasterMasks(string root, SafeSpecification s, ProductNames names)
    {
        var masks = new List<MaskEntry>();
        foreach (var band in s.Bands)
        {
            var grid = s.GridOf(band);
            var detectors = new Raster<byte>(grid.Width, grid.Height);
            foreach (var polygon in s.DetectorsOf(band))
                PolygonRaster.Fill(detectors, grid, [polygon.Ring], (byte)polygon.Detector);
            var mask = new MaskEntry("MSK_DETFOO", band.Id, names.Mask("MSK_DETFOO", band));
            RasterCopy.WriteJpeg2000(Path.Combine(root, mask.FileName), detectors, grid);
            masks.Add(mask);
        }

        var classesGrid = s.GridOf(SafeBand.All[0]);
        var classes = s.QualityClasses ?? new Raster<byte>(classesGrid.Width, classesGrid.Height);
        using var dataset = new MemoryDataset(classes.Width, classes.Height);
        for (int bit = 0; bit < 3; bit++)
            dataset.Add(new Raster<byte>(classes.Width, classes.Height, Array.ConvertAll(classes.Pixels, c => (byte)(c >> bit & 1))));
        dataset.Place(classesGrid);
        var classMask = new MaskEntry("MSK_CLASSI", null, names.Mask("MSK_CLASSI", null));
        RasterCopy.Write(Path.Combine(root, classMask.FileName), "JP2OpenJPEG", dataset.Handle, "REVERSIBLE=YES", "QUALITY=100", "YCC=NO", "BLOCKXSIZE=1024", "BLOCKYSIZE=1024");
        masks.Add(classMask);
        return masks;
    }

    private static List<MaskEntry> WriteVectorMasks(string root, SafeSpecification s, ProductNames names)
    {
        var masks = new List<MaskEntry>();
        void Add(string type, SafeBand? band, IReadOnlyList<DetectorPolygon> detectors)
        {
            var mask = new MaskEntry(type, band?.Id, names.Mask(type, band));
            WriteXml(Path.Combine(root, mask.FileName), TileXml.Mask(s, names, type, band, detectors));
            masks.Add(mask);
        }

        foreach (var band in s.Bands)
        {
            Add("MSK_DETFOO", band, s.DetectorsOf(band));
            foreach (string type in new[] { "MSK_DEFECT", "MSK_NODATA", "MSK_SATURA", "MSK_TECQUA" })
                Add(type, band, []);
        }

        Add("MSK_CLOUDS", null, []);
        return masks;
    }

    /// <summary>The list of all files with size and checksum (MD5, as products of these baselines have it).</summary>
    private static XDocument Manifest(string root, SafeSpecification s, ProductNames names)
    {
        XNamespace xfdu = "urn:ccsds:schema:xfdu:1", safe = "http://www.esa.int/safe/sentinel/1.1";
        var files = FilesBelow(root).ToList();
        return new XDocument(new XElement(xfdu + "XFDU",
            new XAttribute(XNamespace.Xmlns + "xfdu", xfdu.NamespaceName), new XAttribute(XNamespace.Xmlns + "safe", safe.NamespaceName),
            new XAttribute("version", "esa/safe/sentinel/1.1/sentinel-2/msi/archive_l1c_user_product"),
            new XElement("informationPackageMap", new XElement(xfdu + "contentUnit",
                new XAttribute("textInfo", "SENTINEL-2 MSI Level-1C User Product"), new XAttribute("unitType", "Product_Level-1C"))),
            new XElement("metadataSection",
                new XElement("metadataObject", new XAttribute("ID", "acquisitionPeriod"), new XAttribute("category", "DMD"), new XAttribute("classification", "DESCRIPTION"),
                    new XElement("metadataWrap", new XElement("xmlData", new XElement(safe + "acquisitionPeriod",
                        new XElement(safe + "startTime", ProductNames.Time(s.DatatakeStart)))))),
                new XElement("metadataObject", new XAttribute("ID", "platform"), new XAttribute("category", "DMD"), new XAttribute("classification", "DESCRIPTION"),
                    new XElement("metadataWrap", new XElement("xmlData", new XElement(safe + "platform",
                        new XElement(safe + "familyName", "SENTINEL"), new XElement(safe + "number", names.Craft[1..])))))),
            new XElement("dataObjectSection", files.Select((file, i) => new XElement("dataObject", new XAttribute("ID", $"File_{i + 1}"),
                new XElement("byteStream", new XAttribute("mimeType", MimeType(file)), new XAttribute("size", new FileInfo(Path.Combine(root, file)).Length),
                    new XElement("fileLocation", new XAttribute("locatorType", "URL"), new XAttribute("href", "./" + file)),
                    new XElement("checksum", new XAttribute("checksumName", "MD5"), Checksum(Path.Combine(root, file)))))))));
    }

    private static string MimeType(string file) => Path.GetExtension(file) switch { ".xml" => "text/xml", ".gml" => "text/xml", _ => "application/octet-stream" };

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5351", Justification = "The format prescribes MD5 against transmission errors; nothing is secured by it.")]
    private static string Checksum(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(MD5.HashData(stream));
    }

    private static IEnumerable<string> FilesBelow(string root) =>
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(root, f).Replace('\\', '/')).Order(StringComparer.Ordinal);

    private static void WriteZip(string root, string product, string target)
    {
        using var archive = ZipFile.Open(target, ZipArchiveMode.Create);
        foreach (string file in FilesBelow(root))
        {
            var entry = archive.CreateEntry($"{product}/{file}", file.EndsWith(".jp2", StringComparison.Ordinal) ? CompressionLevel.NoCompression : CompressionLevel.Optimal);
            entry.LastWriteTime = s_zipTime;
            using var from = File.OpenRead(Path.Combine(root, file));
            using var to = entry.Open();
            from.CopyTo(to);
        }
    }

    private static void WriteXml(string path, XDocument document)
    {
        var settings = new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), NewLineChars = "\n" };
        using var writer = XmlWriter.Create(path, settings);
        document.Save(writer);
    }
}
