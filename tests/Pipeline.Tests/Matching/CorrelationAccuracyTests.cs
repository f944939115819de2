using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Correlation;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Tests.Matching;

/// <summary>The regularised correlation, default setting, on image pairs whose displacement is known.</summary>
public class CorrelationAccuracyTests
{
    private const int Margin = 40;

    // The limits are 1.15 of what docs/methods.md states as measured; the other systems' figures stand there beside them.

    [SharedDataFact("scenes/clean")]
    public void The_clean_scene_is_matched_better_than_by_any_other_system() => Check("clean", 0.0115, 0.0079, 0.0568, 0.0035);

    [SharedDataFact("scenes/changed-slightly")]
    public void The_slightly_changed_scene_is_matched_better_than_by_any_other_system() => Check("changed-slightly", 0.0181, 0.0143, 0.0772, 0.0105);

    [SharedDataFact("scenes/changed-strongly")]
    public void The_strongly_changed_scene_is_matched_better_than_by_any_other_system() => Check("changed-strongly", 0.0277, 0.0232, 0.1097, 0.0182);

    [SharedDataFact("data/s2_known_shift")]
    public void Known_shifts_of_real_chips_are_found_within_five_thousandths_and_better_than_by_MEDICIS()
    {
        double ours = 0, medicis = 0;
        int compared = 0;
        foreach (var folder in Directory.GetDirectories(SharedData.PathOf("data/s2_known_shift/data_medicis"), "r*", SearchOption.AllDirectories).Order())
        {
            string name = Path.GetFileName(folder);
            double row = double.Parse(name[1..6], System.Globalization.CultureInfo.InvariantCulture), column = double.Parse(name[7..12], System.Globalization.CultureInfo.InvariantCulture);
            var field = Correlator.Match(MatchInput.AllValid(Read(Path.Combine(folder, "left.tif")), Read(Path.Combine(folder, "right.tif"))), new(), Workers.AllCores);
            double errorX = Math.Abs(Median(field.Dx) - column), errorY = Math.Abs(Median(field.Dy) - row);
            errorX.ShouldBeLessThan(0.005, folder);
            errorY.ShouldBeLessThan(0.005, folder);
            string results = Path.Combine(folder, "zncc_dicho_nappe_sinc", "gri_zncc_dicho_nappe_sinc_");
            if (!File.Exists(results + "col_disp.tif"))
                continue;
            ours += errorX + errorY;
            medicis += Math.Abs(Median(Read(results + "col_disp.tif")) - column) + Math.Abs(Median(Read(results + "row_disp.tif")) - row);
            compared++;
        }

        compared.ShouldBeGreaterThan(3);
        ours.ShouldBeLessThan(0.5 * medicis);
    }

    private static void Check(string scene, double eastWest, double northSouth, double near, double far)
    {
        using var truth = RasterFile.Open(SharedData.PathOf("scenes/truth.tif"));
        Raster<float> truthX = truth.Read<float>(1), truthY = truth.Read<float>(2), distance = truth.Read<float>(3);
        var input = MatchInput.AllValid(Read(SharedData.PathOf($"scenes/{scene}/pre.tif")), Read(SharedData.PathOf($"scenes/{scene}/post.tif")));
        var field = Correlator.Match(input, new(), Workers.AllCores);
        double xx = 0, yy = 0, nearSum = 0, farSum = 0, withinSigma = 0;
        long count = 0, valid = 0, nearCount = 0, farCount = 0;
        for (int y = Margin; y < field.Height - Margin; y++)
            for (int x = Margin; x < field.Width - Margin; x++, count++)
            {
                if (field.Validity[x, y] != Validity.Valid)
                    continue;
                valid++;
                double ex = field.Dx[x, y] - truthX[x, y], ey = field.Dy[x, y] - truthY[x, y], both = (ex * ex + ey * ey) / 2, away = Math.Abs(distance[x, y]);
                xx += ex * ex;
                yy += ey * ey;
                withinSigma += (Math.Abs(ex) <= field.SigmaDx[x, y] ? 0.5 : 0) + (Math.Abs(ey) <= field.SigmaDy[x, y] ? 0.5 : 0);
                if (away <= 10)
                    (nearSum, nearCount) = (nearSum + both, nearCount + 1);
                else if (away > 60)
                    (farSum, farCount) = (farSum + both, farCount + 1);
            }

        ((double)valid / count).ShouldBeGreaterThanOrEqualTo(0.99);
        Math.Sqrt(xx / valid).ShouldBeLessThanOrEqualTo(eastWest);
        Math.Sqrt(yy / valid).ShouldBeLessThanOrEqualTo(northSouth);
        Math.Sqrt(nearSum / nearCount).ShouldBeLessThanOrEqualTo(near);
        Math.Sqrt(farSum / farCount).ShouldBeLessThanOrEqualTo(far);
        (withinSigma / valid).ShouldBeInRange(0.60, 0.76);
    }

    private static Raster<float> Read(string path)
    {
        using var file = RasterFile.Open(path);
        return file.Read<float>(1);
    }

    private static double Median(Raster<float> values) => OrderStatistics.Median(values.Crop(new Window(10, 10, 90, 90)).Pixels.Where(float.IsFinite).ToArray());
}
