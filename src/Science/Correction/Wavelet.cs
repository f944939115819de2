namespace GdmOptEtq.Science.Correction;

/// <summary>
/// Orthogonal discrete wavelet transform of a periodic signal (Mallat 1989), filters from Daubechies (1992), tables 6.1 and 6.3. The length must be
/// divisible by two at every level; the callers extend their signals by reflection.
/// </summary>
internal sealed class Wavelet
{
    private readonly double[] low;
    private readonly double[] high;

    private Wavelet(double[] low)
    {
        this.low = low;
        high = new double[low.Length];
        for (int i = 0; i < low.Length; i++)
            high[i] = ((i & 1) == 0 ? 1 : -1) * low[low.Length - 1 - i];
    }

    public static Wavelet Symlet8 { get; } = new([
        -0.0033824159510061256, -0.0005421323317911481, 0.03169508781149298, 0.007607487324917605, -0.1432942383508097, -0.061273359067658524,
        0.4813596512583722, 0.7771857517005235, 0.3644418948353314, -0.05194583810770904, -0.027219029917056003, 0.049137179673607506,
        0.003808752013890615, -0.01495225833704823, -0.0003029205147213668, 0.0018899503327594609,
    ]);

    public static Wavelet Daubechies8 { get; } = new([
        -0.00011747678400228192, 0.0006754494059985568, -0.0003917403729959771, -0.00487035299301066, 0.008746094047015655, 0.013981027917015516,
        -0.04408825393106472, -0.01736930100202211, 0.128747426620186, 0.00047248457399797254, -0.2840155429624281, -0.015829105256023893,
        0.5853546836548691, 0.6756307362980128, 0.3128715909144659, 0.05441584224308161,
    ]);

    public int Length => low.Length;

    /// <summary>One level: the first half of <paramref name="output"/> is the approximation, the second the detail.</summary>
    public void Forward(ReadOnlySpan<double> input, Span<double> output)
    {
        int half = input.Length / 2;
        for (int k = 0; k < half; k++)
        {
            double approximation = 0, detail = 0;
            for (int i = 0; i < low.Length; i++)
            {
                double value = input[(2 * k + i) % input.Length];
                approximation += low[i] * value;
                detail += high[i] * value;
            }

            output[k] = approximation;
            output[half + k] = detail;
        }
    }

    /// <summary>The inverse of <see cref="Forward"/>.</summary>
    public void Inverse(ReadOnlySpan<double> input, Span<double> output)
    {
        int half = input.Length / 2;
        output.Clear();
        for (int k = 0; k < half; k++)
        {
            for (int i = 0; i < low.Length; i++)
                output[(2 * k + i) % output.Length] += low[i] * input[k] + high[i] * input[half + k];
        }
    }

    /// <summary>
    /// What of a profile stands out of its noise: approximation set to zero, details below sigma sqrt(2 ln n) too (Donoho and Johnstone 1994), sigma
    /// from the median absolute detail of the finest level.
    /// </summary>
    public float[] Shrink(ReadOnlySpan<float> signal, int levels)
    {
        int unit = 1 << levels, margin = low.Length << 2;
        int length = (signal.Length + 2 * margin + unit - 1) / unit * unit;
        var coefficients = new double[length];
        for (int i = 0; i < length; i++)
            coefficients[i] = signal[Reflect(i - margin, signal.Length)];
        var scratch = new double[length];
        for (int level = 0, n = length; level < levels; level++, n /= 2)
        {
            Forward(coefficients.AsSpan(0, n), scratch.AsSpan(0, n));
            scratch.AsSpan(0, n).CopyTo(coefficients);
        }

        var finest = new float[length / 2];
        for (int i = 0; i < finest.Length; i++)
            finest[i] = (float)Math.Abs(coefficients[length / 2 + i]);
        double threshold = Rasters.OrderStatistics.Median(finest) / 0.6745 * Math.Sqrt(2 * Math.Log(Math.Max(2, signal.Length)));
        coefficients.AsSpan(0, length >> levels).Clear();
        for (int i = length >> levels; i < length; i++)
        {
            if (Math.Abs(coefficients[i]) < threshold)
                coefficients[i] = 0;
        }

        for (int level = levels - 1, n = length >> (levels - 1); level >= 0; level--, n *= 2)
        {
            Inverse(coefficients.AsSpan(0, n), scratch.AsSpan(0, n));
            scratch.AsSpan(0, n).CopyTo(coefficients);
        }

        var result = new float[signal.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = (float)coefficients[i + margin];
        return result;
    }

    /// <summary>Index into a signal that goes on as its mirror image on both sides.</summary>
    public static int Reflect(int i, int length)
    {
        if (length == 1)
            return 0;
        int period = 2 * length;
        i = ((i % period) + period) % period;
        return i < length ? i : period - 1 - i;
    }
}
