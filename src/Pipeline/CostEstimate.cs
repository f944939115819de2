using GdmOptEtq.Science.Tiling;

namespace GdmOptEtq.Pipeline;

/// <summary>What a job will take: rough speeds of the stages, good to about a factor of two; docs/methods.md, "What a job costs", has one job as measured.</summary>
public sealed record CostEstimate
{
    private const double BytesOfField = 22, BytesOfCorrected = 8, BytesOfFlags = 2, BytesOfImage = 6, BytesOfStatistics = 29, BytesOfTerrain = 5;

    // CPU-seconds per megapixel with the defaults.
    private const double CorrelationRate = 2.6, FlowRate = 2.5, MaskRate = 2.2, BandRate = 0.15, MosaicRate = 0.1, CorrectionRate = 0.2, FilterRate = 0.15;
    private const double StatisticsRate = 0.5, ProductRate = 0.14, TerrainRate = 0.3;

    // Work memory of a matcher per padded pixel, and of the whole-scene mask per matched pixel.
    private const double MatchingBytesPerPixel = 450, MaskBytesPerPixel = 40;
    private const double ResidentBytes = 250e6;

    private readonly double _megapixels;
    private readonly double _matchingRate;
    private readonly int _threads;

    public CostEstimate(JobParameters parameters, TilePlan tiles, int pairs, int maskedImages, int images, int threads)
    {
        _megapixels = tiles.Width * (double)tiles.Height / 1e6;
        _matchingRate = parameters.Matching.Method == MatchingMethod.OpticalFlow ? FlowRate : CorrelationRate * SearchFactor(parameters);
        _threads = threads;
        double pixels = _megapixels * 1e6;
        MemoryBytes = ResidentBytes + Math.Max(
            Math.Max(tiles.LargestPaddedPixels * MatchingBytesPerPixel * Math.Min(Math.Min(Matching.TilesAbreast, threads), tiles.Tiles.Count), maskedImages > 0 ? pixels * MaskBytesPerPixel : 0),
            Stages.StageContext.RowsAtOnce * (double)tiles.Width * (100 + 30 * pairs));
        // The tiles of one pair lie beside its mosaic for a moment.
        WorkBytes = pixels * (images * BytesOfImage + pairs * (BytesOfField + BytesOfCorrected + BytesOfFlags) + BytesOfField + BytesOfStatistics + BytesOfTerrain);
        ResultBytes = pixels * (pairs * 24 + 20);
        int products = 8 + pairs * 9;
        Seconds = images * SecondsOfBand + maskedImages * SecondsOfMask + SecondsOfTerrain + SecondsOfStatistics + products * SecondsOfProduct
            + pairs * (SecondsOfMosaic + SecondsOfCorrection + SecondsOfFilter + tiles.Tiles.Sum(SecondsOfTile));
    }

    /// <summary>Peak memory, bytes.</summary>
    public double MemoryBytes { get; }

    /// <summary>Size of the work folder, bytes.</summary>
    public double WorkBytes { get; }

    /// <summary>Size of the result, bytes.</summary>
    public double ResultBytes { get; }

    /// <summary>Time, seconds.</summary>
    public double Seconds { get; }

    public double SecondsOfBand => BandRate * _megapixels;

    public double SecondsOfMask => Parallel(MaskRate);

    public double SecondsOfTerrain => TerrainRate * _megapixels;

    public double SecondsOfMosaic => MosaicRate * _megapixels;

    public double SecondsOfCorrection => CorrectionRate * _megapixels;

    public double SecondsOfFilter => FilterRate * _megapixels;

    public double SecondsOfStatistics => StatisticsRate * _megapixels;

    /// <summary>Products are written side by side.</summary>
    public double SecondsOfProduct => Parallel(ProductRate);

    public double SecondsOfTile(Tile tile) => _matchingRate * tile.Padded.PixelCount / 1e6 / _threads;

    private double Parallel(double rate) => rate * _megapixels / _threads;

    // The coarse search grows with the range, the sub-pixel part does not.
    private static double SearchFactor(JobParameters parameters) => 0.8 + 0.1 * parameters.Correlation.SpatialMatchingRange;
}
