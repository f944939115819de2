using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Accuracy;

/// <summary>
/// Errors of one component of a mean displacement, metres. Near: within 100 m of the fault; far: more than 600 m away. Last the share of pixels that lie
/// within one reported standard error of the truth, per cent: 68 where the error is honest and normal.
/// </summary>
public sealed record ComponentErrors(double Median, double RmseNear, double RmseFar, double RmseAll, double CoveragePercent, double WithinOneSigmaPercent);

/// <summary>Offset across the middle of the fault, metres along strike: what the result shows, and what the true field shows measured the same way.</summary>
public sealed record OffsetErrors(double Measured, double True);

/// <summary>A result compared with the truth that a simulated scene brings along.</summary>
public sealed record ResultAccuracy(ComponentErrors EastWest, ComponentErrors NorthSouth, OffsetErrors Offset)
{
    private const double NearMetres = 100, FarMetres = 600;

    // The offset is read where straight lines, fitted to each side of the fault beyond the reach of the smoothing, meet the trace.
    private const double FitFromMetres = 300, FitToMetres = 1500, HalfTraceMetres = 2000;

    /// <param name="result">Folder of the result: the mean displacements, metres, East and South positive, and their standard errors.</param>
    /// <param name="plan">Plan of the job that wrote it.</param>
    /// <param name="sceneFolder">Folder that the simulation wrote: truth_ew.tif, truth_ns.tif.</param>
    /// <param name="strikeDegrees">Strike of the fault, clockwise from North; its trace runs through the middle of the scene.</param>
    public static ResultAccuracy Of(string result, JobPlan plan, string sceneFolder, double strikeDegrees)
    {
        string eastWest = Path.Combine(result, ProductNames.MeanDisplacement(plan, "EW"));
        Raster<float> east = Read(eastWest), south = Read(Path.Combine(result, ProductNames.MeanDisplacement(plan, "NS"))), trueEast = Read(Path.Combine(sceneFolder, "truth_ew.tif")), trueSouth = Read(Path.Combine(sceneFolder, "truth_ns.tif"));
        double pixel;
        using (var file = RasterFile.Open(eastWest))
            pixel = file.Grid.PixelSizeMetres;
        var frame = new FaultFrame(east.Width, east.Height, pixel, strikeDegrees);
        return new ResultAccuracy(
            Errors(east, trueEast, Sigma("EW"), frame), Errors(south, trueSouth, Sigma("NS"), frame),
            new OffsetErrors(OffsetOf(east, south, frame), OffsetOf(trueEast, trueSouth, frame)));

        Raster<float> Sigma(string component) => Read(Path.Combine(result, ProductNames.StandardError(plan, component)));
    }

    private static Raster<float> Read(string path)
    {
        using var file = RasterFile.Open(path);
        return file.Read<float>(1);
    }

    private static ComponentErrors Errors(Raster<float> measured, Raster<float> truth, Raster<float> sigma, FaultFrame frame)
    {
        var errors = new List<float>();
        double near = 0, far = 0, all = 0;
        long nearCount = 0, farCount = 0, withinSigma = 0;
        for (int y = 0; y < measured.Height; y++)
        {
            for (int x = 0; x < measured.Width; x++)
            {
                float error = measured[x, y] - truth[x, y];
                if (!float.IsFinite(error))
                    continue;
                errors.Add(error);
                withinSigma += Math.Abs(error) <= sigma[x, y] ? 1 : 0;
                double square = (double)error * error, distance = Math.Abs(frame.At(x, y).Across);
                all += square;
                if (distance <= NearMetres)
                    (near, nearCount) = (near + square, nearCount + 1);
                else if (distance > FarMetres)
                    (far, farCount) = (far + square, farCount + 1);
            }
        }

        return new ComponentErrors(
            OrderStatistics.Median(errors.ToArray()), Math.Sqrt(near / nearCount), Math.Sqrt(far / farCount), Math.Sqrt(all / errors.Count),
            100.0 * errors.Count / measured.Pixels.Length, 100.0 * withinSigma / errors.Count);
    }

    private static double OffsetOf(Raster<float> east, Raster<float> south, FaultFrame frame)
    {
        LineFit left = new(), right = new();
        for (int y = 0; y < east.Height; y++)
        {
            for (int x = 0; x < east.Width; x++)
            {
                var (along, across) = frame.At(x, y);
                if (Math.Abs(along) > HalfTraceMetres || Math.Abs(across) < FitFromMetres || Math.Abs(across) > FitToMetres)
                    continue;
                double parallel = frame.AlongStrike(east[x, y], south[x, y]);
                if (double.IsFinite(parallel))
                    (across > 0 ? right : left).Add(across, parallel);
            }
        }

        return Math.Abs(right.AtZero - left.AtZero);
    }

    /// <summary>Coordinates of a straight fault through the middle of a scene.</summary>
    private sealed class FaultFrame(int width, int height, double pixel, double strikeDegrees)
    {
        private readonly double _sin = Math.Sin(strikeDegrees * Math.PI / 180);
        private readonly double _cos = Math.Cos(strikeDegrees * Math.PI / 180);

        /// <summary>Metres along strike from the middle, and to the right of it.</summary>
        public (double Along, double Across) At(int x, int y)
        {
            double east = (x + 0.5 - width / 2.0) * pixel, north = (height / 2.0 - y - 0.5) * pixel;
            return (east * _sin + north * _cos, east * _cos - north * _sin);
        }

        public double AlongStrike(double east, double south) => east * _sin - south * _cos;
    }

    private sealed class LineFit
    {
        private double _n, _x, _y, _xx, _xy;

        public double AtZero => (_y * _xx - _x * _xy) / (_n * _xx - _x * _x);

        public void Add(double x, double y) => (_n, _x, _y, _xx, _xy) = (_n + 1, _x + x, _y + y, _xx + x * x, _xy + x * y);
    }
}
