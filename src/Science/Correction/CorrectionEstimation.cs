using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Correction;

/// <summary>One run of <see cref="FieldCorrection.Estimate"/>: the raw field, the surfaces found so far, and what is left.</summary>
internal sealed class CorrectionEstimation
{
    private const double ConstantFieldPixels = 1e-5;

    /// <summary>Longest wavelength that the wavelet method takes for jitter.</summary>
    private const double LongestWaveletKm = 6;

    /// <summary>A profile below the parameter's minimum is jitter all the same if the sub-swaths agree on it, down to a share of that minimum.</summary>
    private const double EnoughAgreement = 0.75, AgreedShare = 0.25;

    private readonly DecimatedField field;
    private readonly PairGeometry geometry;
    private readonly CorrectionParameters parameters;
    private readonly Raster<bool>? nearFault;
    private readonly Raster<bool>? outsidePlane;
    private readonly List<string> warnings;
    private readonly FieldComponent[] components;
    private readonly bool coregis;
    private readonly IReadOnlyList<(double Easting, double Northing)>? trace;
    private DetectorLayout? layout;
    private Rupture? rupture;
    private Raster<byte>? labels;

    public CorrectionEstimation(DecimatedField field, PairGeometry geometry, CorrectionParameters parameters, CorrectionExclusions exclusions)
    {
        (this.field, this.geometry, this.parameters) = (field, geometry, parameters);
        coregis = parameters.CorrectionMode == CorrectionMode.Coregis;
        warnings = [.. geometry.Warnings];
        components = [new FieldComponent(field.Dx), new FieldComponent(field.Dy)];
        nearFault = exclusions.NearFault(field.Grid, parameters.FaultTraceBuffer * 1000);
        if (nearFault is not null && !nearFault.Pixels.Contains(true))
            warnings.Add("The fault trace lies outside the tile: it excludes nothing from the estimation of the corrections.");
        outsidePlane = exclusions.OutsideStableAreas(field.Grid);
        if (outsidePlane is not null)
        {
            bool any = false;
            for (int i = 0; i < outsidePlane.Pixels.Length; i++)
            {
                outsidePlane.Pixels[i] |= nearFault?.Pixels[i] == true;
                any |= !outsidePlane.Pixels[i] && float.IsFinite(field.Dx.Pixels[i]);
            }

            if (!any)
            {
                warnings.Add("The stable area holds no valid pixel of this pair: the plane is estimated from the whole tile instead.");
                outsidePlane = null;
            }
        }

        outsidePlane ??= nearFault;
        trace = exclusions.FaultTraces.MaxBy(t => t.Count);
    }

    public CorrectionModel Run()
    {
        var stages = new List<CorrectionStage> { Stage("raw") };
        if (stages[0].Quality.Count == 0)
        {
            warnings.Add("The displacement field has no valid pixel, so there is nothing to correct: check the masks and the correlation threshold.");
            return CorrectionModel.Identity(geometry, new CorrectionReport(stages, null, null, warnings));
        }

        if (stages[0].Quality is { StandardDeviationDx: < ConstantFieldPixels, StandardDeviationDy: < ConstantFieldPixels } constant)
        {
            warnings.Add("The displacement field is constant, which no measured field is: only its shift is removed; check that the two images differ.");
            return CorrectionModel.Identity(geometry, new CorrectionReport(stages, null, null, warnings)) with
            {
                PlaneDx = new Plane(0, 0, constant.MeanDx),
                PlaneDy = new Plane(0, 0, constant.MeanDy),
            };
        }

        layout = geometry.Layout ?? (parameters.DetectorSteps == DetectorStepMethod.None ? null : DetectorSearch.Layout(
            field.Dx, field.Dy, new TrackFrame(geometry.TrackAngleDegrees), Bins(), field.FullGrid, field.Factor));
        if (layout is not null)
            labels = DetectorSteps.Labels(layout, field.Factor, field.Width, field.Height);
        if (layout is { Regions.Count: 1 })
            warnings.Add("One pair of detectors sees the whole tile: there are no detector steps to remove.");
        if (coregis)
        {
            EstimatePlane();
            stages.Add(Stage("plane"));
            EstimateSteps();
            stages.Add(Stage("detector steps"));
            EstimateJitter();
        }
        else
        {
            EstimateSteps();
            EstimatePlane();
            // Before the jitter, which would take an earthquake that runs along the rows of a detector for its own.
            if (FindRupture())
            {
                EstimateSteps();
                EstimatePlane();
            }

            if (EstimateJitter())
            {
                // A second pass sees each term without the others, and without most of the earthquake.
                FindRupture();
                EstimateSteps();
                EstimatePlane();
                EstimateJitter();
            }

            stages.Add(Stage("detector steps", c => c.WithSteps()));
            stages.Add(Stage("plane", c => c.WithStepsAndPlane()));
        }

        stages.Add(Stage("jitter"));
        return Model(stages);
    }

    private CorrectionStage Stage(string name, Func<FieldComponent, Raster<float>>? state = null)
    {
        state ??= c => c.Left();
        return new CorrectionStage(name, FieldQuality.Of(state(components[0]), state(components[1]), field.FullGrid.PixelSizeMetres));
    }

    /// <summary>Looks for the earthquake in what the corrections leave, planes included, and hides it from the next pass.</summary>
    private bool FindRupture()
    {
        if (parameters.PlaneProtection == PlaneProtection.None)
            return false;
        double kmPerPixel = field.Grid.PixelSizeMetres / 1000;
        rupture = RuptureFit.Fit(
            components[0].WithStepsAndJitter(), components[1].WithStepsAndJitter(), kmPerPixel, field.FullGrid.PixelSizeMetres / 1000, TraceStart(kmPerPixel));
        (Raster<float>? dx, Raster<float>? dy) = rupture is null ? (null, null) : RuptureFit.Field(rupture, field.Width, field.Height, kmPerPixel);
        components[0].SetRupture(dx);
        components[1].SetRupture(dy);
        return rupture is not null;
    }

    private (double East, double South, double Strike, double Length)? TraceStart(double kmPerPixel)
    {
        if (trace is not { Count: >= 2 })
            return null;
        var (e0, n0) = trace[0];
        var (e1, n1) = trace[^1];
        double east = field.Grid.Column(0.5 * (e0 + e1)) - 0.5 * field.Width, south = field.Grid.Row(0.5 * (n0 + n1)) - 0.5 * field.Height;
        double length = Math.Sqrt((e1 - e0) * (e1 - e0) + (n1 - n0) * (n1 - n0)) / 1000;
        return (east * kmPerPixel, south * kmPerPixel, Math.Atan2(e1 - e0, n1 - n0) * 180 / Math.PI, length);
    }

    private void EstimateSteps()
    {
        var method = coregis && parameters.DetectorSteps == DetectorStepMethod.Boundary ? DetectorStepMethod.Mean : parameters.DetectorSteps;
        if (layout is null || labels is null || layout.Regions.Count < 2 || method == DetectorStepMethod.None)
            return;
        foreach (var component in components)
        {
            component.SetSteps(null, null);
            var left = coregis ? component.ToEstimate() : component.WithJitter();
            var steps = method == DetectorStepMethod.Boundary
                ? DetectorSteps.FromBoundaries(left, labels, nearFault, layout)
                : DetectorSteps.RegionValues(left, labels, nearFault, layout.Regions.Count, method == DetectorStepMethod.Median);
            component.SetSteps(steps, labels);
        }
    }

    private void EstimatePlane()
    {
        foreach (var component in components)
        {
            component.SetPlane(default);
            component.SetPlane(RobustPlane.Fit(component.ToEstimate(), outsidePlane, parameters.PlaneIterations) ?? default);
        }
    }

    /// <summary>True when some undulation was found.</summary>
    private bool EstimateJitter()
    {
        if (!parameters.JitterCorrection)
            return false;
        var method = coregis && parameters.JitterMethod == JitterMethod.CommonMode ? JitterMethod.RowProfile : parameters.JitterMethod;
        bool found = false;
        foreach (var component in components)
        {
            component.ClearJitter();
            var left = component.ToEstimate();
            found |= method switch
            {
                JitterMethod.RowProfile => RowProfile(component, left),
                JitterMethod.Wavelet => Stripes(component, left),
                _ => CommonMode(component, left),
            };
        }

        return found;
    }

    private bool RowProfile(FieldComponent component, Raster<float> left)
    {
        var bins = Bins();
        var valid = Enumerable.Range(0, left.Pixels.Length).Where(i => float.IsFinite(left.Pixels[i])).ToArray();
        var profile = bins.Profile(left, valid, 1, mean: true);
        if (!CommonModeJitter.FillGaps(profile))
            return false;
        component.SetJitter(-1, profile, bins, _ => true);
        return true;
    }

    private bool CommonMode(FieldComponent component, Raster<float> left)
    {
        var bins = Bins();
        bool found = false;
        double maximumWavelength = parameters.JitterMaxWavelength * 1000 / field.Grid.PixelSizeMetres;
        foreach (var (group, regions) in Groups())
        {
            var (profile, agreement) = CommonModeJitter.Profile(left, bins, SubSwathsOf(group, regions, bins), maximumWavelength);
            double rms = TrackProfile.Rms(profile);
            if (rms < parameters.JitterMinimum && (agreement < EnoughAgreement || rms < AgreedShare * parameters.JitterMinimum))
                continue;
            component.SetJitter(group, profile, bins, i => labels is null || regions.Contains(labels.Pixels[i]));
            found = true;
        }

        return found;
    }

    private bool Stripes(FieldComponent component, Raster<float> left)
    {
        bool found = false;
        double maximumWavelength = Math.Min(LongestWaveletKm, parameters.JitterMaxWavelength) * 1000 / field.Grid.PixelSizeMetres;
        foreach (var (group, regions) in Groups())
        {
            bool Belongs(int i) => labels is null || regions.Contains(labels.Pixels[i]);
            if (WaveletStripes.Estimate(left, Bins(), new TrackFrame(geometry.TrackAngleDegrees), Belongs, maximumWavelength) is not { } stripes)
                continue;
            component.SetJitter(group, stripes, Belongs);
            found = true;
        }

        return found;
    }

    private TrackBins? binsOnce;

    private TrackBins Bins() => binsOnce ??= new TrackBins(new TrackFrame(geometry.TrackAngleDegrees), field.Width, field.Height, field.Factor);

    private readonly Dictionary<int, List<int[]>> subSwaths = [];

    private List<int[]> SubSwathsOf(int group, IReadOnlyList<int> regions, TrackBins bins)
    {
        if (!subSwaths.TryGetValue(group, out var found))
            subSwaths[group] = found = CommonModeJitter.SubSwaths(labels ?? new Raster<byte>(field.Width, field.Height), regions, bins, nearFault);
        return found;
    }

    private IEnumerable<(int Group, IReadOnlyList<int> Regions)> Groups() => layout is null
        ? [(-1, [0])]
        : Enumerable.Range(0, layout.Regions.Count).GroupBy(k => layout.Regions[k].ParityGroup).OrderBy(g => g.Key)
            .Select(g => (g.Key, (IReadOnlyList<int>)g.ToArray()));

    private CorrectionModel Model(List<CorrectionStage> stages)
    {
        var groups = new List<JitterGroup>();
        foreach (int group in components[0].Jitter.Keys.Union(components[1].Jitter.Keys).Order())
        {
            float[] east = components[0].Jitter.GetValueOrDefault(group, []), south = components[1].Jitter.GetValueOrDefault(group, []);
            groups.Add(new JitterGroup(group, new TrackProfile(Bins().Start, Bins().Step, east, south), null, TrackProfile.Rms(east), TrackProfile.Rms(south)));
        }

        foreach (int group in components[0].JitterSurfaces.Keys.Union(components[1].JitterSurfaces.Keys).Order())
        {
            var none = new Raster<float>(field.Width, field.Height);
            Raster<float> east = components[0].JitterSurfaces.GetValueOrDefault(group, none), south = components[1].JitterSurfaces.GetValueOrDefault(group, none);
            groups.Add(new JitterGroup(
                group, null, CoarseSurface.From(east, south, field.Factor), TrackProfile.Rms(east.Pixels), TrackProfile.Rms(south.Pixels)));
        }

        int regions = layout?.Regions.Count ?? 0;
        double kmPerPixel = field.Grid.PixelSizeMetres / 1000;
        var (varianceDx, varianceDy) = RuptureFit.PlaneVariances(components[0].WithStepsAndJitter(), components[1].WithStepsAndJitter(), kmPerPixel, rupture);
        return new CorrectionModel(
            field.FullGrid, geometry.TrackAngleDegrees, layout, components[0].Steps ?? new double[regions], components[1].Steps ?? new double[regions],
            OnFullGrid(components[0].Plane), OnFullGrid(components[1].Plane), groups, new CorrectionReport(stages, Correlation(groups), rupture, warnings))
        {
            PlaneVarianceDx = varianceDx,
            PlaneVarianceDy = varianceDy,
        };
    }

    /// <summary>The plane in the coordinates of the full grid, whose last blocks may be cut off.</summary>
    private Plane OnFullGrid(Plane plane)
    {
        double stretchX = field.FullGrid.Width / ((double)field.Width * field.Factor), stretchY = field.FullGrid.Height / ((double)field.Height * field.Factor);
        return new Plane(plane.A * stretchX, plane.B * stretchY, plane.C + plane.A * (stretchX - 1) + plane.B * (stretchY - 1));
    }

    private static double[]? Correlation(List<JitterGroup> groups)
    {
        var both = groups.Where(g => g.Profile is { Dx.Length: > 0, Dy.Length: > 0 }).OrderByDescending(g => g.RmsDx + g.RmsDy).Take(2).ToArray();
        if (both.Length < 2)
            return null;
        static double Of(float[] a, float[] b) => a.Zip(b, (p, q) => (double)p * q).Sum() / (a.Length * TrackProfile.Rms(a) * TrackProfile.Rms(b));
        return [Of(both[0].Profile!.Dx, both[1].Profile!.Dx), Of(both[0].Profile!.Dy, both[1].Profile!.Dy)];
    }
}
