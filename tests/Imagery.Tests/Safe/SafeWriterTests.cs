using System.Diagnostics;
using System.Security.Cryptography;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Safe;

public sealed class SafeWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("02.09", 0, false)]
    [InlineData("05.11", -1000, false)]
    [InlineData("02.09", 0, true)]
    [InlineData("05.11", -1000, true)]
    public void What_is_written_is_read_back(string baseline, double offset, bool zip)
    {
        var specification = TinyProduct.Specification(baseline: baseline) with
        {
            Spacecraft = "Sentinel-2B", MeanSun = new MeanAngle(33.25, 151.5), MeanView = new MeanAngle(4.5, 101.25), CloudCoverPercent = 12.5,
        };
        var product = SafeProduct.Open(TinyProduct.Write(_folder.Path, specification, zip: zip));

        product.Name.ShouldBe($"S2B_MSIL1C_20190628T183921_N{baseline.Replace(".", "")}_R070_T11SMV_20190628T223921.SAFE");
        product.ProcessingBaseline.ShouldBe(baseline);
        product.Spacecraft.ShouldBe("Sentinel-2B");
        product.AbsoluteOrbit.ShouldBe(20980);
        product.SensingTime.ShouldBe(specification.DatatakeStart);
        product.DeclaredCloudCoverPercent.ShouldBe(12.5);
        product.MeanSunAngle.ShouldBe(new MeanAngle(33.25, 151.5));
        product.MeanViewAngle(SafeBand.B8A).ShouldBe(new MeanAngle(4.5, 101.25));
        product.SunAngles.Columns.ShouldBe(23);
        product.ToAcquisition(SafeBand.B04).Id.Value.ShouldBe("S2B_20190628T183921_T11SMV");
        product.Bands.Count.ShouldBe(13);
        using var reader = new SafeReader(product);
        foreach (var band in SafeBand.All)
        {
            product.RadiometricOffset(band).ShouldBe(offset);
            product.Grid(band).ShouldBe(specification.GridOf(band));
            reader.Grid(band).ShouldBe(specification.GridOf(band));
            reader.ReadBand(band, reader.Grid(band).Bounds).DigitalNumbers.Pixels.ShouldBe(TinyProduct.Pixels(specification, band, TinyProduct.Texture).Pixels);
        }
    }

    [Fact]
    public void Reflectance_is_the_same_with_and_without_radiometric_offset()
    {
        var values = new List<BandReflectance>();
        foreach (string baseline in new[] { "02.09", "05.11" })
        {
            var product = SafeProduct.Open(TinyProduct.Write(_folder.Path, TinyProduct.Specification(baseline: baseline) with { Bands = [SafeBand.B04] }));
            using var reader = new SafeReader(product);
            values.Add(reader.ReadReflectance(SafeBand.B04, new Window(7, 3, 20, 11)));
        }

        values[0].Values.Pixels.ShouldBe(values[1].Values.Pixels);
        ((double)values[0].Values[2, 5]).ShouldBe(TinyProduct.Texture(SafeBand.B04, 9, 8), 0.00005 + 1e-7);
    }

    [Fact]
    public void Special_values_become_reasons()
    {
        var specification = TinyProduct.Specification() with { Bands = [SafeBand.B04] };
        string path = SafeWriter.Write(_folder.Path, specification, band =>
        {
            var raster = TinyProduct.Pixels(specification, band, TinyProduct.Texture);
            raster[0, 0] = 0;
            raster[1, 0] = 65535;
            return raster;
        });
        using var reader = new SafeReader(SafeProduct.Open(path));

        var (values, validity) = reader.ReadReflectance(SafeBand.B04, new Window(0, 0, 3, 1));

        validity.Pixels.ShouldBe([Validity.NoData, Validity.Saturated, Validity.Valid]);
        float.IsNaN(values[0, 0]).ShouldBeTrue();
        ((double)values[1, 0]).ShouldBe(6.4535, 1e-6);
    }

    [Theory]
    [InlineData("02.09")]
    [InlineData("05.11")]
    public void Detectors_come_back_as_polygons_or_raster(string baseline)
    {
        var left = new DetectorPolygon(7, [(399960, 4000020), (400260, 4000020), (400260, 3999420), (399960, 3999420), (399960, 4000020)]);
        var right = new DetectorPolygon(8, [(400250.5, 4000020), (400560, 4000020), (400560, 3999420), (400250.5, 3999420), (400250.5, 4000020)]);
        var specification = TinyProduct.Specification(baseline: baseline) with { Bands = [SafeBand.B04, SafeBand.B8A], Detectors = _ => [right, left] };

        var product = SafeProduct.Open(TinyProduct.Write(_folder.Path, specification));
        var footprint = product.DetectorFootprint(SafeBand.B04).ShouldNotBeNull();

        product.ViewAngles(SafeBand.B04).Keys.ShouldBe([7, 8]);
        footprint.SensingTime.ShouldBe(product.SensingTime);
        if (baseline == "02.09")
        {
            footprint.Detectors.ShouldBeNull();
            footprint.Polygons!.Select(p => p.Detector).ShouldBe([7, 8]);
            footprint.Polygons![1].Ring.ShouldBe(right.Ring);
        }
        else
        {
            footprint.Polygons.ShouldBeNull();
            footprint.DetectorsGrid.ShouldBe(product.Grid(10));
            footprint.Detectors!.Row(0)[..30].ToArray().ShouldAllBe(d => d == 7);
            footprint.Detectors!.Row(59)[30..].ToArray().ShouldAllBe(d => d == 8);
        }
    }

    [Fact]
    public void The_same_specification_gives_the_same_bytes()
    {
        string first = TinyProduct.Write(_folder["a"], zip: true), second = TinyProduct.Write(_folder["b"], zip: true);

        Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(first))).ShouldBe(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(second))));
    }

    [Fact]
    public void Cloud_classes_are_counted_from_the_raster_mask()
    {
        var classes = new Raster<byte>(10, 10);
        classes[0, 0] = (byte)QualityClass.OpaqueCloud;
        classes[1, 0] = (byte)(QualityClass.Cirrus | QualityClass.SnowOrIce);
        classes[2, 0] = (byte)QualityClass.SnowOrIce;
        var product = SafeProduct.Open(TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04], QualityClasses = classes, CloudCoverPercent = 2 }));

        QualityMasks.Clouds(product).ShouldBe(new CloudEvidence(2, 1, 1, 2, product.MaskFile("MSK_CLASSI", null)));
        QualityMasks.CloudMask(product)!.Pixels.ShouldBe(classes.Pixels);
        QualityMasks.Band(product, SafeBand.B04).ShouldBeNull();
    }

    [Fact]
    public void Band_quality_is_counted_from_the_eight_layers_of_a_raster_mask()
    {
        string path = TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04] });
        var product = SafeProduct.Open(path);
        string mask = Path.Combine(path, product.MaskFile("MSK_DETFOO", SafeBand.B04)!.Replace("DETFOO", "QUALIT"));
        // 36 of the 3600 pixels are one per cent; the two kinds of lost data overlap in 18 pixels.
        (int Layer, int First, int Count)[] marks = [(1, 0, 36), (3, 18, 36), (4, 100, 72), (5, 0, 360), (8, 3599, 1)];
        using (var dataset = new MemoryDataset(60, 60))
        {
            for (int layer = 1; layer <= 8; layer++)
            {
                var raster = new Raster<byte>(60, 60);
                foreach (var mark in marks.Where(m => m.Layer == layer))
                    raster.Pixels.AsSpan(mark.First, mark.Count).Fill(1);
                dataset.Add(raster);
            }

            RasterCopy.Write(mask, "JP2OpenJPEG", dataset.Place(product.Grid(10)).Handle, "REVERSIBLE=YES", "QUALITY=100", "YCC=NO");
        }

        var quality = QualityMasks.Band(product, SafeBand.B04).ShouldNotBeNull();

        quality.LostPercent.ShouldBe(1.5, 1e-9);
        quality.DegradedPercent.ShouldBe(2, 1e-9);
        quality.DefectivePercent.ShouldBe(10, 1e-9);
        quality.NoDataPercent.ShouldBe(0);
        quality.SaturatedPercent.ShouldBe(100.0 / 3600, 1e-9);
    }

    [Fact]
    public void A_product_is_not_written_over_another()
    {
        TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04] });

        Should.Throw<InputException>(() => TinyProduct.Write(_folder.Path)).Message.ShouldContain("already there");
    }

    [Fact]
    public void A_failure_half_way_leaves_nothing_behind()
    {
        var specification = TinyProduct.Specification();
        Should.Throw<InvalidOperationException>(() => SafeWriter.Write(_folder.Path, specification, band =>
            band == SafeBand.B04 ? throw new InvalidOperationException("no pixels") : TinyProduct.Pixels(specification, band, TinyProduct.Texture)));

        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(61, "05.11", "T11SMV", "multiples of 6")]
    [InlineData(60, "5.11", "T11SMV", "baseline")]
    [InlineData(60, "05.11", "11SMV", "tile")]
    public void What_makes_no_product_is_refused(int size, string baseline, string tile, string reason) =>
        Should.Throw<InputException>(() => TinyProduct.Write(_folder.Path, TinyProduct.Specification(baseline: baseline, size: size) with { Tile = tile })).Message.ShouldContain(reason);

    [Theory]
    [InlineData("02.09")]
    [InlineData("05.11")]
    public void GDAL_reads_the_product_by_its_own_driver(string baseline)
    {
        string path = TinyProduct.Write(_folder.Path, TinyProduct.Specification(baseline: baseline));
        string metadata = Path.Combine(path, "MTD_MSIL1C.xml");

        string summary = GdalInfo(metadata);
        summary.ShouldContain("Driver: SENTINEL2");
        summary.ShouldContain("PROCESSING_BASELINE=" + baseline);
        summary.ShouldContain("FOOTPRINT=POLYGON");
        string tenMetres = GdalInfo($"SENTINEL2_L1C:{metadata}:10m:EPSG_32611");
        tenMetres.ShouldContain("Size is 60, 60");
        tenMetres.ShouldContain("Origin = (399960.0");
        tenMetres.ShouldContain("BANDNAME=B4");
        GdalInfo(Path.Combine(path, Directory.GetFiles(path, "*_B8A.jp2", SearchOption.AllDirectories).First(f => f.Contains("IMG_DATA")))).ShouldContain("Pixel Size = (20.0");
    }

    [Fact]
    public void A_truncated_band_is_named()
    {
        string path = TinyProduct.Write(_folder.Path, TinyProduct.Specification(size: 240) with { Bands = [SafeBand.B04] });
        var product = SafeProduct.Open(path);
        string file = product.BandPath(SafeBand.B04);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..4000]);
        using var reader = new SafeReader(product);

        Should.Throw<InputException>(() => reader.ReadBand(SafeBand.B04, new Window(0, 0, 240, 240))).Message.ShouldContain("_B04.jp2");
    }

    [Fact]
    public void A_product_in_GDALs_memory_is_opened_by_its_virtual_path()
    {
        string path = TinyProduct.Write(_folder.Path, TinyProduct.Specification() with { Bands = [SafeBand.B04] });
        string root = "/vsimem/" + Path.GetFileName(path);
        foreach (string file in Directory.GetFiles(path, "*", SearchOption.AllDirectories))
            VsiFile.WriteAllBytes(root + "/" + Path.GetRelativePath(path, file), File.ReadAllBytes(file));

        var product = SafeProduct.Open(root);
        using var reader = new SafeReader(product);

        reader.ReadBand(SafeBand.B04, new Window(5, 5, 3, 3)).DigitalNumbers.Pixels.ShouldAllBe(v => v > 1000);
        product.DetectorFootprint(SafeBand.B04)!.Detectors!.Pixels.ShouldAllBe(d => d == 6);
        Should.Throw<InputException>(() => SafeProduct.Open("/vsis3/bucket/product.zip")).Message.ShouldContain("fetch it");
    }

    /// <summary>gdal-bin comes with the machine that runs the tests, as libgdal does.</summary>
    private static string GdalInfo(string dataset)
    {
        using var process = Process.Start(new ProcessStartInfo("gdalinfo") { ArgumentList = { dataset }, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, errors.Result);
        return output;
    }
}
