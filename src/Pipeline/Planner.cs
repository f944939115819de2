using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Pipeline.LocalRun;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline;

/// <summary>Checks everything that can be known before computing: returns the plan, or all reasons against it.</summary>
public static class Planner
{
    private const double CloudyPercent = 20;
    private const double SpareBytes = 100e6;

    /// <param name="parameters">What the user chose.</param>
    /// <param name="products">Paths of SAFE folders or archives.</param>
    /// <param name="places">Result, work and elevation folders; nothing is created.</param>
    /// <param name="threads">For the estimate of the time.</param>
    /// <param name="checkDisk">Whether too little disk space is a reason against; not when a job is planned again in the middle of its work.</param>
    public static PlanOutcome Plan(JobParameters parameters, IReadOnlyList<string> products, RunPlaces places, int threads, bool checkDisk = true)
    {
        var refusals = new List<string>(ParameterSchema<JobParameters>.Instance.Refusals(parameters));
        AddContradictions(parameters, refusals);
        var warnings = new List<string>();
        var images = Open(parameters, products, refusals);
        if (refusals.Count == 0)
            refusals.AddRange(PairFormation.Refusals([.. images.Select(i => i.Acquisition)], parameters.Pairing));
        AddPlaceRefusals(places, refusals);
        foreach (string missing in parameters.Terrain.WaterOccurrence.Where(file => !File.Exists(file)))
            refusals.Add($"There is no water occurrence file {missing}: check the path, or leave --water-occurrence out.");
        foreach (string file in new[] { parameters.Ground.FaultTrace, parameters.Ground.StableArea }.OfType<string>().Where(file => file.Length > 0 && !File.Exists(file)))
            refusals.Add($"There is no file {file}: check the path of --fault-trace or --stable-area, or leave the option out.");
        if (refusals.Count > 0)
            return new PlanOutcome(null, refusals);

        var pairs = PairFormation.Form([.. images.Select(i => i.Acquisition)], parameters.Pairing);
        var used = images.Where(i => pairs.Any(p => p.Reference == i.Acquisition || p.Secondary == i.Acquisition)).OrderBy(i => i.Acquisition.SensingTime).ToArray();
        var grid = used[0].Acquisition.Grid;
        var tiles = TilePlan.Create(grid.Width, grid.Height, Matching.Of(parameters).HaloPixels, parameters.Tiling);
        TerrainChoice terrain;
        GroundKnowledge ground;
        try
        {
            terrain = TerrainChoice.Resolve(parameters.Terrain, places.DemRoot, grid);
            ground = GroundKnowledge.Read(parameters.Ground, grid);
        }
        catch (InputException cause)
        {
            return new PlanOutcome(null, [cause.Message]);
        }

        int masked = used.Count(Stages.MaskAcquisition.CanRun);
        var cost = new CostEstimate(parameters, tiles, pairs.Count, masked, used.Length, threads);
        var plan = new JobPlan(parameters, used, pairs, tiles, terrain, cost, warnings) { Ground = ground };
        AddMaskRefusals(plan, refusals, warnings);
        if (checkDisk)
            AddDiskRefusals(places, cost, refusals);
        AddWarnings(plan, images, warnings);
        return refusals.Count > 0 ? new PlanOutcome(null, refusals) : new PlanOutcome(plan, []);
    }

    private static void AddContradictions(JobParameters parameters, List<string> refusals)
    {
        if (parameters.SlopeMask.SlopeMaskMinimum > parameters.SlopeMask.SlopeMaskMaximum)
        {
            refusals.Add($"The slope mask minimum {parameters.SlopeMask.SlopeMaskMinimum:0.##} is larger than the slope mask maximum "
                + $"{parameters.SlopeMask.SlopeMaskMaximum:0.##}: exchange them.");
        }
    }

    private static List<PlannedImage> Open(JobParameters parameters, IReadOnlyList<string> products, List<string> refusals)
    {
        var images = new List<PlannedImage>();
        foreach (string path in products)
        {
            try
            {
                var product = SafeProduct.Open(path, parameters.Images.Tile);
                var band = SafeBand.Parse(parameters.Images.Band);
                var acquisition = product.ToAcquisition(band);
                if (images.Any(i => i.Acquisition.Id == acquisition.Id))
                    throw new InputException($"{path} is given twice, or twice in different form: name each image once.");
                Probe(product, band, acquisition.Grid);
                images.Add(new PlannedImage(product, band, acquisition));
            }
            catch (InputException cause)
            {
                refusals.Add(cause.Message);
            }
        }

        return images;
    }

    /// <summary>A truncated file lacks its last block, and a decimated one does not fill its grid: both show here for the price of one block.</summary>
    private static void Probe(SafeProduct product, SafeBand band, RasterGrid grid)
    {
        using var file = product.OpenBand(band);
        if (file.Width != grid.Width || file.Height != grid.Height)
        {
            throw new InputException(
                $"Band {band.Name} of {product.Name} has {file.Width} x {file.Height} pixels, but its metadata say {grid.Width} x {grid.Height}: use the product as it was delivered.");
        }

        if (file.HasGeoTransform && file.EpsgCode != 0 && (file.EpsgCode, file.Grid.OriginX, file.Grid.OriginY) != (grid.EpsgCode, grid.OriginX, grid.OriginY))
            throw new InputException($"Band {band.Name} of {product.Name} lies at {file.Grid}, but its metadata say {grid}: use the product as it was delivered.");
        file.Read<ushort>(1, new Window(grid.Width - 1, grid.Height - 1, 1, 1));
        file.Read<ushort>(1, new Window(grid.Width / 2, grid.Height / 2, 1, 1));
    }

    private static void AddPlaceRefusals(RunPlaces places, List<string> refusals)
    {
        foreach (string folder in (string[])[places.Out, places.Work])
        {
            if (File.Exists(folder))
                refusals.Add($"{folder} is a file: name a folder.");
            else if (FolderProbe.Fault(NearestExisting(folder)) is { } reason)
                refusals.Add($"{folder} cannot be written ({reason}): choose a folder where you may write.");
            if (refusals.Count > 0)
                return;
        }

        bool foreign = !File.Exists(Path.Combine(places.Out, ProductNames.JobFile)) && !Stages.ResultStaging.WasInterrupted(places.Out)
            && ProductNames.Folders.Concat(ProductNames.Documents).Any(f => Path.Exists(Path.Combine(places.Out, f)));
        if (foreign)
            refusals.Add($"{places.Out} holds folders like {ProductNames.Analysis} or a {ProductNames.ReadMe} that no finished job made: name another folder, or empty this one.");
    }

    private static string NearestExisting(string folder)
    {
        string place = folder;
        while (!Directory.Exists(place))
            place = Path.GetDirectoryName(place) ?? "/";
        return place;
    }

    private static void AddDiskRefusals(RunPlaces places, CostEstimate cost, List<string> refusals)
    {
        var (work, result) = (Drive(places.Work), Drive(places.Out));
        if (work.Name == result.Name)
        {
            Check(work, cost.WorkBytes + cost.ResultBytes, places.Work, "the work and the result");
        }
        else
        {
            // The rasters of the result wait in the work folder before they are moved.
            Check(work, cost.WorkBytes + cost.ResultBytes, places.Work, "the work");
            Check(result, cost.ResultBytes, places.Out, "the result");
        }

        void Check(DriveInfo drive, double needed, string folder, string what)
        {
            // What an earlier attempt left in the work folder is space already paid for.
            double there = Directory.Exists(places.Work) ? new DirectoryInfo(places.Work).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => (double)f.Length) : 0;
            if (drive.AvailableFreeSpace + there < needed + SpareBytes)
            {
                refusals.Add($"The disk of {folder} has {drive.AvailableFreeSpace / 1e9:0.0} GB left and {what} need about {(needed + SpareBytes) / 1e9:0.0} GB: "
                    + "free some space, or name folders on another disk with --out and --work.");
            }
        }

        static DriveInfo Drive(string folder) =>
            DriveInfo.GetDrives().Where(d => IsUnder(NearestExisting(folder), d.Name)).OrderByDescending(d => d.Name.Length).FirstOrDefault() ?? new DriveInfo("/");

        static bool IsUnder(string folder, string mount) => (folder.TrimEnd('/') + "/").StartsWith(mount.TrimEnd('/') + "/", StringComparison.Ordinal);
    }

    private static void AddMaskRefusals(JobPlan plan, List<string> refusals, List<string> warnings)
    {
        bool wanted = plan.Parameters.SpectralMask is { CloudMask: true } or { SnowMask: true };
        foreach (var image in plan.Images.Where(i => !JobPlan.HasSpectralMask(i)))
        {
            string lacks = $"{image.Acquisition.Id} lacks the bands {string.Join(", ", Stages.MaskAcquisition.MissingBands(image))}, so clouds, snow and water cannot be found in it";
            if (wanted)
                refusals.Add($"{lacks}: download the product again, completely, or switch the masks off with --cloud-mask false --snow-mask false.");
            else
                warnings.Add($"{lacks}, and it is used unmasked.");
        }
    }

    private static void AddWarnings(JobPlan plan, IReadOnlyList<PlannedImage> given, List<string> warnings)
    {
        foreach (var image in given.Except(plan.Images))
            warnings.Add($"{image.Acquisition.Id} is in no pair and is not used: widen the matching range to use it.");
        var orbits = plan.Images.Select(i => i.Acquisition.RelativeOrbit).Distinct().Order().ToArray();
        if (orbits.Length > 1)
            warnings.Add($"The images are of different relative orbits ({string.Join(", ", orbits)}): terrain then shows up as displacement; prefer images of one orbit.");
        foreach (var image in plan.Images.Where(i => i.Product.DeclaredCloudCoverPercent > CloudyPercent))
            warnings.Add($"{image.Acquisition.Id} declares {image.Product.DeclaredCloudCoverPercent:0} % cloud cover: much of the result may be masked.");
        if (plan.Terrain.Warning is { } terrainWarning)
            warnings.Add(terrainWarning);
        if (plan.Parameters.Filtering.ConsistencyTest && plan.Parameters.Pairing.MatchingDirection != MatchingDirection.ForwardBackward)
            warnings.Add("The consistency test needs backward pairs and is not made: add --matching-direction Forward+Backward.");
    }
}
