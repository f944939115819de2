using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>One component of the field and what has been found in it.</summary>
internal sealed class FieldComponent(Raster<float> raw)
{
    private Raster<byte>? labels;
    private Raster<float>? jitter;
    private Raster<float>? rupture;

    public double[]? Steps { get; private set; }

    public Plane Plane { get; private set; }

    public SortedDictionary<int, float[]> Jitter { get; } = [];

    public SortedDictionary<int, Raster<float>> JitterSurfaces { get; } = [];

    public void SetSteps(double[]? steps, Raster<byte>? regionLabels) => (Steps, labels) = (steps, regionLabels);

    public void SetPlane(Plane plane) => Plane = plane;

    public void ClearJitter()
    {
        Jitter.Clear();
        JitterSurfaces.Clear();
        jitter = null;
    }

    public void SetJitter(int group, float[] profile, TrackBins bins, Func<int, bool> belongs)
    {
        Jitter[group] = profile;
        jitter ??= new Raster<float>(raw.Width, raw.Height);
        for (int i = 0; i < jitter.Pixels.Length; i++)
        {
            if (belongs(i))
                jitter.Pixels[i] = profile[bins.Bin.Pixels[i]];
        }
    }

    public void SetJitter(int group, Raster<float> surface, Func<int, bool> belongs)
    {
        JitterSurfaces[group] = surface;
        jitter ??= new Raster<float>(raw.Width, raw.Height);
        for (int i = 0; i < jitter.Pixels.Length; i++)
        {
            if (belongs(i))
                jitter.Pixels[i] = surface.Pixels[i];
        }
    }

    public void SetRupture(Raster<float>? field) => rupture = field;

    /// <summary>The corrected field.</summary>
    public Raster<float> Left() => Minus(true, true, true, false);

    /// <summary>The corrected field without the modelled earthquake.</summary>
    public Raster<float> ToEstimate() => Minus(true, true, true, true);

    public Raster<float> WithSteps() => Minus(true, false, false, false);

    public Raster<float> WithStepsAndPlane() => Minus(true, true, false, false);

    public Raster<float> WithStepsAndJitter() => Minus(true, false, true, false);

    /// <summary>What the steps are looked for in.</summary>
    public Raster<float> WithJitter() => Minus(false, false, true, true);

    private Raster<float> Minus(bool minusSteps, bool minusPlane, bool minusJitter, bool minusRupture)
    {
        var left = raw.Clone();
        for (int y = 0; y < raw.Height; y++)
        {
            double v = RobustPlane.Centred(y, raw.Height);
            for (int x = 0; x < raw.Width; x++)
            {
                double surface = minusPlane ? Plane.At(RobustPlane.Centred(x, raw.Width), v) : 0;
                if (minusSteps && Steps is not null)
                    surface += Steps[labels![x, y]];
                if (minusJitter && jitter is not null)
                    surface += jitter[x, y];
                if (minusRupture && rupture is not null)
                    surface += rupture[x, y];
                left[x, y] -= (float)surface;
            }
        }

        return left;
    }
}
