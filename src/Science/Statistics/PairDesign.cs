namespace GdmOptEtq.Science.Statistics;

/// <summary>
/// How the errors of images and pairs enter the mean of one set of valid layers. Pairs that share an image are not independent: the displacement of the pair
/// (i, j) carries e_j - e_i + m_ij, the errors of two images and one of its own. With the incidence matrix A (pairs x images) the covariance of the pairs is
/// s_e^2 A A' + s_m^2 I. The residuals about the mean split into the part inside the range of the centred A, which holds both, and the rest, which holds
/// m alone; their expected squares give s_e and s_m. Four pairs of 2 + 2 images thus count as four image errors, not as four independent pairs.
/// </summary>
internal sealed class PairDesign
{
    private const double RankTolerance = 1e-9;

    private readonly double[] weights;
    private readonly double[] projection;
    private readonly int[] pairOfLayer;
    private readonly double[] layersOfPair;

    /// <param name="roles">Roles of the valid layers, in the order in which their values are given to the methods.</param>
    public PairDesign(IReadOnlyList<PairRole> roles)
    {
        // Forward and backward matching of two images see the same errors of both: they count as one pair, averaged.
        var pairs = roles.Select(r => r.Backward ? (r.SecondaryImage, r.ReferenceImage) : (r.ReferenceImage, r.SecondaryImage)).Distinct().Order().ToArray();
        pairOfLayer = roles.Select(r => Array.IndexOf(pairs, r.Backward ? (r.SecondaryImage, r.ReferenceImage) : (r.ReferenceImage, r.SecondaryImage))).ToArray();
        int n = pairs.Length;
        Pairs = n;
        layersOfPair = new double[n];
        foreach (int pair in pairOfLayer)
            layersOfPair[pair]++;
        weights = layersOfPair.Select(c => c / roles.Count).ToArray();
        var images = pairs.SelectMany(p => new[] { p.Item1, p.Item2 }).Distinct().Order().ToArray();
        var incidence = new double[n, images.Length];
        for (int p = 0; p < n; p++)
        {
            incidence[p, Array.IndexOf(images, pairs[p].Item1)] -= 1;
            incidence[p, Array.IndexOf(images, pairs[p].Item2)] += 1;
        }

        for (int image = 0; image < images.Length; image++)
        {
            double sum = 0, mean = 0;
            for (int p = 0; p < n; p++)
            {
                sum += weights[p] * incidence[p, image];
                mean += incidence[p, image] / n;
            }

            ImageErrorGain += sum * sum;
            for (int p = 0; p < n; p++)
            {
                incidence[p, image] -= mean;
                ImageErrorTrace += incidence[p, image] * incidence[p, image];
            }
        }

        PairErrorGain = weights.Sum(w => w * w);
        projection = Project(incidence, n, images.Length, out int rank);
        RankInside = rank;
        RankOutside = n - 1 - rank;
    }

    /// <summary>Different image pairs, whatever their direction.</summary>
    public int Pairs { get; }

    /// <summary>Variance of the mean per s_e^2.</summary>
    public double ImageErrorGain { get; }

    /// <summary>Variance of the mean per s_m^2.</summary>
    public double PairErrorGain { get; }

    /// <summary>Expected squares inside the range of A per s_e^2.</summary>
    public double ImageErrorTrace { get; }

    /// <summary>Expected squares inside the range of A per s_m^2.</summary>
    public int RankInside { get; }

    /// <summary>Expected squares outside it per s_m^2.</summary>
    public int RankOutside { get; }

    /// <summary>Squares of the residuals inside and outside the range of A.</summary>
    /// <param name="values">One per layer, all turned to the forward sign.</param>
    /// <param name="scratch">At least <see cref="Pairs"/> long.</param>
    public (double Inside, double Outside) Squares(ReadOnlySpan<double> values, Span<double> scratch)
    {
        var residuals = scratch[..Pairs];
        residuals.Clear();
        for (int layer = 0; layer < values.Length; layer++)
            residuals[pairOfLayer[layer]] += values[layer] / layersOfPair[pairOfLayer[layer]];
        double mean = 0;
        foreach (double value in residuals)
            mean += value / Pairs;
        double all = 0, inside = 0;
        for (int p = 0; p < Pairs; p++)
        {
            residuals[p] -= mean;
            all += residuals[p] * residuals[p];
        }

        for (int p = 0; p < Pairs; p++)
        {
            for (int q = 0; q < Pairs; q++)
                inside += residuals[p] * projection[p * Pairs + q] * residuals[q];
        }

        return (inside, Math.Max(0, all - inside));
    }

    private static double[] Project(double[,] columns, int n, int count, out int rank)
    {
        var projection = new double[n * n];
        var basis = new List<double[]>();
        for (int c = 0; c < count; c++)
        {
            var vector = new double[n];
            for (int p = 0; p < n; p++)
                vector[p] = columns[p, c];
            foreach (var known in basis)
            {
                double dot = 0;
                for (int p = 0; p < n; p++)
                    dot += known[p] * vector[p];
                for (int p = 0; p < n; p++)
                    vector[p] -= dot * known[p];
            }

            double length = Math.Sqrt(vector.Sum(v => v * v));
            if (length < RankTolerance)
                continue;
            for (int p = 0; p < n; p++)
                vector[p] /= length;
            basis.Add(vector);
            for (int p = 0; p < n; p++)
            {
                for (int q = 0; q < n; q++)
                    projection[p * n + q] += vector[p] * vector[q];
            }
        }

        rank = basis.Count;
        return projection;
    }
}
