using GdmOptEtq.Cluster.Tests.Work;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Science.Correlation;
using GdmOptEtq.Science.Masking;
using GdmOptEtq.Science.Pairing;
using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Cluster.Tests.Drills;

/// <summary>The job of the drills: three images of one band, two pairs of four tiles each; about three seconds of computing.</summary>
/// <param name="matchingRangePixels">More makes the tiles last longer, and nothing else.</param>
internal sealed class SmallJob(double matchingRangePixels = 2) : LocalResult(
    new JobParameters
    {
        Pairing = new PairingParameters { SplitDate = DateOnly.Parse(TinyScene.SplitDate) },
        Terrain = new TerrainParameters { Dem = ["none"] },
        Tiling = new TilingParameters { TileSize = 128 },
        Correlation = new CorrelationParameters { SpatialMatchingRange = matchingRangePixels },
        SpectralMask = new SpectralMaskParameters { CloudMask = false, SnowMask = false },
    },
    folder => [.. new[] { 0, 2, 3 }.Select(image => TinyScene.Write(folder, image, bands: [SafeBand.Parse("B04")]))]);
