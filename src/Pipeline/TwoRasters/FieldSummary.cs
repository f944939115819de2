using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.TwoRasters;

/// <summary>A displacement field in a few numbers, gathered tile by tile.</summary>
public sealed class FieldSummary
{
    // Every pixel of a small field; an even sample of a large one, so that the memory stays bounded.
    private const int LargestSample = 1 << 21;

    private readonly List<float> _dx = [], _dy = [], _score = [];
    private readonly long[] _reasons = new long[16];
    private readonly int _stride;

    public FieldSummary(long pixels) => _stride = (int)Math.Max(1, (pixels + LargestSample - 1) / LargestSample);

    public long Pixels { get; private set; }

    public long Valid { get; private set; }

    public double MedianDx => Median(_dx);

    public double MedianDy => Median(_dy);

    public double NmadDx => Nmad(_dx);

    public double NmadDy => Nmad(_dy);

    public double MedianScore => Median(_score);

    public void Add(DisplacementField field)
    {
        for (int i = 0; i < field.Dx.Pixels.Length; i++, Pixels++)
        {
            var validity = field.Validity.Pixels[i];
            if (validity == Validity.Valid)
            {
                Valid++;
                if (Pixels % _stride != 0)
                    continue;
                _dx.Add(field.Dx.Pixels[i]);
                _dy.Add(field.Dy.Pixels[i]);
                _score.Add(field.Score.Pixels[i]);
                continue;
            }

            for (int bit = 0; bit < _reasons.Length; bit++)
                _reasons[bit] += ((int)validity >> bit) & 1;
        }
    }

    /// <summary>Reasons of invalid pixels with their share of all pixels, the commonest first.</summary>
    public IEnumerable<(Validity Reason, double Share)> Reasons() => Enumerable.Range(0, _reasons.Length)
        .Where(bit => _reasons[bit] > 0).OrderByDescending(bit => _reasons[bit]).Select(bit => ((Validity)(1 << bit), (double)_reasons[bit] / Pixels));

    private static double Median(List<float> values) => OrderStatistics.Median(values.ToArray());

    private static double Nmad(List<float> values) => OrderStatistics.Nmad(values.ToArray(), Median(values));
}
