using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>
/// Cloud, cloud shadow, snow and water of one Sentinel-2 L1C acquisition by Fmask 4 (Qiu, Zhu and He 2019, RSE 231:111205; Zhu and Woodcock 2012,
/// RSE 118:83), with the Cloud Displacement Index (Frantz et al. 2018, RSE 215:471).
/// </summary>
public static class SpectralMask
{
    /// <summary>Changes with every change of the result: part of the key of stored masks.</summary>
    public const string MethodVersion = "fmask4-2";

    private const double AlmostAllCloud = 0.90;
    private const double LowestSunDegrees = 5, LowSunDegrees = 20;

    /// <summary>The mask of a whole scene; statistics of the scene decide, so that a part of it gives another mask.</summary>
    /// <param name="bands">Reflectances on one grid, 20 m for Sentinel-2.</param>
    /// <param name="angles">Sun and view directions.</param>
    /// <param name="elevation">Metres above any datum on the same grid, NaN where unknown; null, or all 0, when there is none.</param>
    /// <param name="waterOccurrence">Per cent of time under water on the same grid (Global Surface Water Occurrence), NaN for the sea; null when there is none.</param>
    /// <param name="progress">Told of each step when it begins.</param>
    public static SpectralMaskResult Compute(
        SpectralBands bands,
        SceneAngles angles,
        Raster<float>? elevation,
        Raster<float>? waterOccurrence,
        SpectralMaskParameters parameters,
        Workers workers,
        Action<SpectralMaskStep>? progress = null)
    {
        var notes = new List<string>();
        progress?.Invoke(SpectralMaskStep.NullPixels);
        var scene = new Scene(bands, angles, Terrain(elevation, notes), FillSea(waterOccurrence, notes), parameters, workers);
        if (scene.ValidCount == 0)
        {
            notes.Add("No pixel of the scene is valid: the mask is null everywhere.");
            var none = MaskStacking.Stack(scene, new BitMask(scene.Width, scene.Height), null, new BitMask(scene.Width, scene.Height), new BitMask(scene.Width, scene.Height));
            return new SpectralMaskResult(none, MaskStacking.Count(none), new SpectralMaskFindings(), notes);
        }

        progress?.Invoke(SpectralMaskStep.PotentialClouds);
        var potentialCloud = PotentialCloud.BySpectrum(scene);
        var snow = PotentialCloud.PotentialSnow(scene);
        var findings = new SpectralMaskFindings { ValidPixels = scene.ValidCount, PotentialSnowPixels = snow.Count() };

        progress?.Invoke(SpectralMaskStep.Cirrus);
        Raster<float>? cirrus = null;
        if (bands.Cirrus is { } band10)
        {
            (cirrus, double[] bases) = CirrusNormalisation.Compute(scene, band10, potentialCloud);
            PotentialCloud.AddCirrus(scene, potentialCloud, cirrus);
            findings = findings with { CirrusBases = bases };
            notes.Add(scene.Elevation is null
                ? "Cirrus: normalised by one value for the whole scene, since there is no terrain."
                : $"Cirrus: normalised by elevation in {bases.Length} slices.");
        }
        else
        {
            notes.Add("Cirrus: left out, since there is no band B10.");
        }

        progress?.Invoke(SpectralMaskStep.Water);
        var (water, anyWater, occurrenceThreshold) = WaterTest.Compute(scene, snow);
        if (waterOccurrence is not null)
        {
            notes.Add(double.IsNaN(occurrenceThreshold)
                ? "Water: by spectrum alone, since the water occurrence says nothing about this scene."
                : FormattableString.Invariant($"Water: by spectrum, and where the water occurrence exceeds {occurrenceThreshold:0.#} per cent."));
        }

        findings = findings with { WaterPixels = water.Count(), WaterOccurrenceThreshold = occurrenceThreshold };

        progress?.Invoke(SpectralMaskStep.AbsoluteSnow);
        if (findings.PotentialSnowPixels > AbsoluteSnow.MinimumSnowPixels)
        {
            var absolute = AbsoluteSnow.Compute(scene, snow);
            potentialCloud.AndNot(absolute);
            findings = findings with { AbsoluteSnowPixels = absolute.Count() };
            notes.Add("Snow: large enough for the spectral-contextual snow index.");
        }

        progress?.Invoke(SpectralMaskStep.CloudProbability);
        var clear = scene.Valid.Clone().AndNot(potentialCloud);
        long clearPixels = clear.Count();
        findings = findings with { PotentialCloudPixels = potentialCloud.Count(), ClearPixels = clearPixels };
        // Small scenes (crops, corners of a swath) scale the limit, or they would never be judged by probability.
        if (clearPixels <= Math.Min(parameters.MinimumClearPixels, 0.1 * scene.ValidCount))
        {
            notes.Add($"Clouds: only {clearPixels} clear pixels, too few for cloud probabilities: every potential cloud is taken for a cloud.");
            findings = findings with { ProbableCloudPixels = potentialCloud.Count(), CloudPixels = potentialCloud.Count() };
            return Finish(scene, potentialCloud, Unmatchable(scene, potentialCloud, notes), snow, water, findings, notes, progress, dilate: false);
        }

        var probability = new CloudProbability(scene, cirrus, clear, water);
        var probable = probability.Probable(potentialCloud, water);
        if (probability.LandPixels == 0)
            notes.Add("Clouds: no clear land, so the threshold over land comes from all clear pixels.");
        if (probability.ClearWaterPixels == 0)
            notes.Add("Clouds: no clear water, so the threshold over water is the fixed one of 50 per cent.");
        findings = findings with
        {
            ClearLandPixels = probability.LandPixels,
            ClearWaterPixels = probability.ClearWaterPixels,
            HazeLow = probability.HazeLow,
            HazeHigh = probability.HazeHigh,
            LandThreshold = probability.LandThreshold,
            WaterThreshold = probability.WaterThreshold,
            ProbableCloudPixels = probable.Count(),
        };
        if (parameters.CloudMajority)
            probable = Morphology.Majority(probable, workers).And(scene.Valid);

        progress?.Invoke(SpectralMaskStep.CloudDisplacement);
        BitMask? confident = null, strong = null;
        if (bands.RedEdge3 is { } redEdge3 && bands.Nir is { } nir)
            (confident, strong) = CloudDisplacementIndex.Compute(scene, redEdge3, nir);
        else
            notes.Add("Cloud displacement index: left out, since B07 or B08 is missing.");

        progress?.Invoke(SpectralMaskStep.BrightSurfaces);
        var falsePositives = BrightSurfaces.PotentialFalsePositives(scene, snow, water, strong);
        var cloud = BrightSurfaces.Remove(scene, probable, falsePositives, water, confident).And(scene.Valid);
        findings = findings with { CloudPixels = cloud.Count() };

        if (findings.CloudPixels >= AlmostAllCloud * scene.ValidCount)
        {
            notes.Add(FormattableString.Invariant($"Shadows: clouds cover {100.0 * findings.CloudPixels / scene.ValidCount:0.0} per cent of the scene, too much to match shadows to them."));
            return Finish(scene, cloud, Unmatchable(scene, cloud, notes), snow, water, findings, notes, progress, dilate: true);
        }

        progress?.Invoke(SpectralMaskStep.PotentialShadows);
        var (potentialShadow, nirCorrected, swirCorrected) = PotentialShadow.Compute(scene, probability.LandUsed);
        findings = findings with { PotentialShadowPixels = potentialShadow.Count() };
        if (scene.Elevation is not null && !(nirCorrected && swirCorrected))
            notes.Add("Shadows: the ground does not brighten with its illumination, so the terrain correction was left out.");

        progress?.Invoke(SpectralMaskStep.ShadowMatching);
        BitMask? shadow = null;
        if (angles.SunElevationDegrees < LowestSunDegrees)
        {
            notes.Add(FormattableString.Invariant($"Shadows: the sun stands {angles.SunElevationDegrees:0.0} degrees high, too low to match shadows to clouds."));
            shadow = Unmatchable(scene, cloud, notes);
        }
        else
        {
            if (angles.SunElevationDegrees < LowSunDegrees)
                notes.Add(FormattableString.Invariant($"Shadows: the sun stands only {angles.SunElevationDegrees:0.0} degrees high; clouds and shadows are less reliable."));
            (shadow, int clouds, int matched) = ShadowMatching.Compute(scene, cloud, potentialShadow, anyWater);
            findings = findings with { CloudObjects = clouds, MatchedShadows = matched };
        }

        return Finish(scene, cloud, shadow, snow, water, findings, notes, progress, dilate: true);
    }

    private static SpectralMaskResult Finish(
        Scene scene, BitMask cloud, BitMask? shadow, BitMask snow, BitMask water, SpectralMaskFindings findings, List<string> notes,
        Action<SpectralMaskStep>? progress, bool dilate)
    {
        progress?.Invoke(SpectralMaskStep.Stacking);
        if (dilate)
        {
            cloud = Grow(scene, cloud, scene.Parameters.CloudDilationPixels);
            shadow = shadow is null ? null : Grow(scene, shadow, scene.Parameters.CloudShadowDilationPixels);
            snow = Grow(scene, snow, scene.Parameters.SnowDilationPixels);
        }

        var codes = MaskStacking.Stack(scene, cloud, shadow, snow, water);
        return new SpectralMaskResult(codes, MaskStacking.Count(codes), findings, notes);
    }

    private static BitMask Grow(Scene scene, BitMask mask, int pixels) =>
        pixels == 0 ? mask : Morphology.Dilate(mask, StructuringElement.Square(pixels), scene.Workers);

    private static BitMask? Unmatchable(Scene scene, BitMask cloud, List<string> notes)
    {
        if (!scene.Parameters.ShadowWhereUnmatchable)
            return null;
        notes.Add("Shadows: every valid pixel that is not cloud is called shadow.");
        return scene.Valid.Clone().AndNot(cloud);
    }

    /// <summary>Terrain without gaps: unknown ground takes the lowest known; terrain that is 0 everywhere is none.</summary>
    private static Raster<float>? Terrain(Raster<float>? elevation, List<string> notes)
    {
        if (elevation is null)
        {
            notes.Add("Terrain: none given; no terrain correction, and shadows are projected on flat ground.");
            return null;
        }

        bool allZero = true, gaps = false;
        float lowest = float.PositiveInfinity;
        foreach (float metres in elevation.Pixels)
        {
            allZero &= metres == 0 || float.IsNaN(metres);
            gaps |= float.IsNaN(metres);
            if (metres < lowest)
                lowest = metres;
        }

        if (allZero)
        {
            notes.Add("Terrain: 0 or unknown everywhere, so taken as none.");
            return null;
        }

        notes.Add("Terrain: used for cirrus, snow on slopes, illumination and shadows.");
        if (!gaps)
            return elevation;
        var filled = elevation.Clone();
        foreach (ref float metres in filled.Pixels.AsSpan())
        {
            if (float.IsNaN(metres))
                metres = lowest;
        }

        return filled;
    }

    private static Raster<float>? FillSea(Raster<float>? waterOccurrence, List<string> notes)
    {
        if (waterOccurrence is null)
        {
            notes.Add("Water: by spectrum alone, since no water occurrence was given.");
            return null;
        }

        var filled = waterOccurrence.Clone();
        foreach (ref float percent in filled.Pixels.AsSpan())
        {
            if (!(percent <= 100))
                percent = 100;
        }

        return filled;
    }
}
