using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;
using Xunit.Abstractions;

namespace GdmOptEtq.Science.Tests.Masking;

/// <summary>
/// A real 512 x 512 crop with labels (dlr-eoc/ukis-csmask, Apache-2.0): six bands, no cirrus, no displacement bands, no angles, no terrain. Its pixels
/// are 30 m wide: the mile grid of its farmland repeats every 53.7 pixels.
/// </summary>
public class CloudReferenceTests(ITestOutputHelper output)
{
    private const string File = "data/cloud_reference/sentinel2.npz";

    [SharedDataFact(File)]
    public void The_spectral_part_of_the_chain_gives_the_golden_numbers()
    {
        var (bands, labels) = Load();
        var scene = new Scene(bands, new SceneAngles(40, 150), null, null, new SpectralMaskParameters(), new Workers(2));
        var potential = PotentialCloud.BySpectrum(scene);
        var snow = PotentialCloud.PotentialSnow(scene);
        var (water, _, _) = WaterTest.Compute(scene, snow);
        var clear = scene.Valid.Clone().AndNot(potential);
        var probability = new CloudProbability(scene, null, clear, water);
        var probable = probability.Probable(potential, water);
        var (shadow, _, _) = PotentialShadow.Compute(scene, probability.LandUsed, framed: false);

        Close(potential.Count(), 60_211);
        Close(snow.Count(), 1_235);
        Close(water.Count(), 121);
        Close(clear.Count(), 201_933);
        Close(probability.LandPixels, 201_815);
        probability.ClearWaterPixels.ShouldBe(118);
        probability.HazeLow.ShouldBe(-0.053800, 1e-6);
        probability.HazeHigh.ShouldBe(0.033750, 1e-6);
        probability.LandThreshold.ShouldBe(25.5134 + 20, 1e-3);
        probability.WaterThreshold.ShouldBe(62.0955 + 20, 1e-3);
        Close(probable.Count(), 50_354);
        Close(shadow.Count(), 39_091);

        long hits = Count((x, y) => probable[x, y] && labels[x, y] == 4);
        Close(hits, 44_533);
        Close(Count((x, y) => probable[x, y] && labels[x, y] != 4), 5_821);
        Close(Count((x, y) => !probable[x, y] && labels[x, y] == 4), 5_064);
        ((double)Count((x, y) => shadow[x, y] && labels[x, y] == 0) / Count((x, y) => labels[x, y] == 0)).ShouldBe(0.798, 0.001);

        static void Close(long found, long golden) => Math.Abs(found - golden).ShouldBeLessThanOrEqualTo(golden / 1000, $"found {found}, golden {golden}");
    }

    [SharedDataFact(File)]
    public void The_whole_applicable_chain_agrees_with_the_labels()
    {
        var (bands, labels) = Load();
        // Judged as the authors of Fmask judge: clouds without, shadows with their dilation. The sun's place follows from clouds and shadows of the labels.
        var parameters = new SpectralMaskParameters { CloudDilationPixels = 0 };
        var result = SpectralMask.Compute(bands, new SceneAngles(40, 155), null, null, parameters, new Workers(2));
        var table = new long[MaskCode.Names.Count, 5];
        for (int i = 0; i < labels.Pixels.Length; i++)
            table[result.Codes.Pixels[i], labels.Pixels[i]]++;
        for (int code = 0; code < MaskCode.Names.Count; code++)
            output.WriteLine($"{MaskCode.Names[code],-13}" + string.Concat(Enumerable.Range(0, 5).Select(label => $"{table[code, label],9}")));

        long hits = table[MaskCode.Cloud, 4];
        long found = Enumerable.Range(0, 5).Sum(label => table[MaskCode.Cloud, label]);
        long cloud = Enumerable.Range(0, MaskCode.Names.Count).Sum(code => table[code, 4]);
        double overall = 1 - (double)(cloud + found - 2 * hits) / labels.Pixels.Length;
        output.WriteLine($"overall {overall:0.0000}, cloud producer's {(double)hits / cloud:0.0000}, user's {(double)hits / found:0.0000}");
        output.WriteLine(string.Join(Environment.NewLine, result.Notes));
        overall.ShouldBeGreaterThanOrEqualTo(0.96);
        ((double)hits / cloud).ShouldBeGreaterThanOrEqualTo(0.90);
        ((double)hits / found).ShouldBeGreaterThanOrEqualTo(0.90);
    }

    private static long Count(Func<int, int, bool> test)
    {
        long count = 0;
        for (int y = 0; y < 512; y++)
        {
            for (int x = 0; x < 512; x++)
                count += test(x, y) ? 1 : 0;
        }

        return count;
    }

    private static (SpectralBands Bands, Raster<byte> Labels) Load()
    {
        using var archive = new NumpyArchive(SharedData.PathOf(File));
        var arrays = archive.Names.Select(archive.Read).ToArray();
        var image = arrays.Single(array => array.Values.Length == 512 * 512 * 6).Values;
        var labels = arrays.Single(array => array.Values.Length == 512 * 512).Values;
        var bands = new SpectralBands(30, Band(0), Band(1), Band(2), Band(3), Band(4), Band(5), new Raster<PixelFlags>(512, 512));
        return (bands, new Raster<byte>(512, 512, Array.ConvertAll(labels, label => (byte)label)));

        Raster<float> Band(int band)
        {
            var raster = new Raster<float>(512, 512);
            for (int i = 0; i < raster.Pixels.Length; i++)
                raster.Pixels[i] = (float)image[6 * i + band];
            return raster;
        }
    }
}
