namespace GdmOptEtq.Science.Rasters;

/// <summary>
/// Weighted linear least squares without a design matrix: sums A'WA and A'Wb row by row, then solves by Cholesky. For a handful of unknowns and
/// millions of rows.
/// </summary>
public sealed class NormalEquations(int unknowns)
{
    private readonly double[,] matrix = new double[unknowns, unknowns];
    private readonly double[] right = new double[unknowns];

    /// <summary>Sum of weight times value squared.</summary>
    public double WeightedSquares { get; private set; }

    public long Rows { get; private set; }

    public void Add(ReadOnlySpan<double> coefficients, double value, double weight = 1)
    {
        for (int i = 0; i < unknowns; i++)
        {
            double weighted = weight * coefficients[i];
            if (weighted == 0)
                continue;
            for (int j = 0; j <= i; j++)
                matrix[i, j] += weighted * coefficients[j];
            right[i] += weighted * value;
        }

        WeightedSquares += weight * value * value;
        Rows++;
    }

    /// <summary>Weighted sum of squares that the unknowns leave.</summary>
    public double ResidualSquares(ReadOnlySpan<double> solution)
    {
        double sum = WeightedSquares;
        for (int i = 0; i < unknowns; i++)
        {
            double row = 0;
            for (int j = 0; j < unknowns; j++)
                row += (j <= i ? matrix[i, j] : matrix[j, i]) * solution[j];
            sum += solution[i] * (row - 2 * right[i]);
        }

        return Math.Max(0, sum);
    }

    /// <summary>The unknowns, or null when the rows do not determine them.</summary>
    public double[]? Solve() => Factor() is { } lower ? Substitute(lower, right) : null;

    /// <summary>The unknowns with the inverse of A'WA (their covariance for unit weights of unit variance), or null when the rows do not determine them.</summary>
    public (double[] Unknowns, double[,] Covariance)? SolveWithCovariance()
    {
        if (Factor() is not { } lower)
            return null;
        var inverse = new double[unknowns, unknowns];
        var unit = new double[unknowns];
        for (int j = 0; j < unknowns; j++)
        {
            Array.Clear(unit);
            unit[j] = 1;
            var column = Substitute(lower, unit);
            for (int i = 0; i < unknowns; i++)
                inverse[i, j] = column[i];
        }

        return (Substitute(lower, right), inverse);
    }

    private double[,]? Factor()
    {
        var lower = new double[unknowns, unknowns];
        for (int i = 0; i < unknowns; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[i, j];
                for (int k = 0; k < j; k++)
                    sum -= lower[i, k] * lower[j, k];
                if (i == j)
                {
                    // Relative to the diagonal: a row that depends on the others leaves only rounding.
                    if (!(sum > 1e-12 * matrix[i, i]))
                        return null;
                    lower[i, i] = Math.Sqrt(sum);
                }
                else
                {
                    lower[i, j] = sum / lower[j, j];
                }
            }
        }

        return lower;
    }

    private double[] Substitute(double[,] lower, double[] values)
    {
        var solution = (double[])values.Clone();
        for (int i = 0; i < unknowns; i++)
        {
            for (int k = 0; k < i; k++)
                solution[i] -= lower[i, k] * solution[k];
            solution[i] /= lower[i, i];
        }

        for (int i = unknowns - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < unknowns; k++)
                solution[i] -= lower[k, i] * solution[k];
            solution[i] /= lower[i, i];
        }

        return solution;
    }
}
