using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Rasters;
using Xunit.Abstractions;

namespace GdmOptEtq.Science.Tests.Masking;

/// <summary>
/// A real 512 x 512 crop with labels (dlr-eoc/ukis-csmask, Apache-2.0): six bands, no cirrus, no displacement bands, no angles, no terrain.
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
        var (shadow, _, _) = PotentialShadow.Compute(scene, probability.LandUsed);

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
        foreach (double azimuth in new[] { 140.0, 150, 155, 160, 165, 170, 180 })
        {
            foreach (int grow in new[] { 0, 1 })
            {
                var result = SpectralMask.Compute(bands, new SceneAngles(40, azimuth), null, null, new SpectralMaskParameters { CloudDilationPixels = grow }, new Workers(2));
                var table = new long[6, 5];
                for (int i = 0; i < labels.Pixels.Length; i++)
                    table[result.Codes.Pixels[i], labels.Pixels[i]]++;
                long cloud = 0, hit = table[2, 4], found = 0;
                for (int l = 0; l < 5; l++) found += table[2, l];
                for (int l = 0; l < 6; l++) cloud += table[l, 4];
                double oa = 1 - (double)(cloud + found - 2 * hit) / labels.Pixels.Length;
                long shadowHit = table[3, 0], shadowRef = 0, shadowFound = 0;
                for (int l = 0; l < 5; l++) shadowFound += table[3, l];
                for (int l = 0; l < 6; l++) shadowRef += table[l, 0];
                output.WriteLine($"az {azimuth} grow {grow} OA {oa:0.0000} producer {(double)hit / cloud:0.0000} user {(double)hit / found:0.0000} shadow P {(double)shadowHit / shadowRef:0.000} U {(double)shadowHit / shadowFound:0.000} cloud before dilation {result.Findings.CloudPixels} objects {result.Findings.CloudObjects} matched {result.Findings.MatchedShadows}");
            }
        }
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
