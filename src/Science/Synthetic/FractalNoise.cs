using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>Sum of noises whose wavelengths double and whose amplitudes follow a power law; unit variance.</summary>
internal sealed class FractalNoise
{
    private readonly LatticeNoise[] _octaves;
    private readonly float[] _amplitudes;

    /// <param name="roughness">Amplitude ratio from one octave to the next longer one is 2 to this power: 0 white-like, 1 smooth hills.</param>
    /// <param name="stepSamples">Only every so many samples are wanted, along rows and columns.</param>
    /// <param name="offsetSamples">The first of them within a step.</param>
    /// <param name="from">Leaves out wavelengths below this (the variance is then theirs less).</param>
    /// <param name="below">Leaves out wavelengths from this on.</param>
    public FractalNoise(ulong seed, int shortest, int longest, double roughness, int stepSamples = 1, int offsetSamples = 0, int from = 0, int below = int.MaxValue)
    {
        var octaves = new List<LatticeNoise>();
        var amplitudes = new List<double>();
        double variance = 0;
        for (int wavelength = shortest; wavelength <= longest; wavelength *= 2)
        {
            double amplitude = Math.Pow(wavelength, roughness);
            variance += amplitude * amplitude;
            if (wavelength < from || wavelength >= below)
                continue;
            octaves.Add(new LatticeNoise(seed, wavelength, stepSamples, offsetSamples));
            amplitudes.Add(amplitude);
        }

        _octaves = [.. octaves];
        _amplitudes = [.. amplitudes.Select(a => (float)(a / Math.Sqrt(variance)))];
    }

    /// <summary>Rows under the columns <paramref name="first"/> onwards, counted in steps.</summary>
    public Stretch Columns(int first, int count) => new(this, first, count);

    internal sealed class Stretch(FractalNoise noise, int first, int count)
    {
        private readonly LatticeNoise.Rows[] _rows = [.. noise._octaves.Select(o => new LatticeNoise.Rows(o, first, count))];

        /// <summary>Writes row <paramref name="y"/> (counted in steps); fastest in order of y.</summary>
        public void Row(int y, Span<float> row)
        {
            row.Clear();
            for (int i = 0; i < _rows.Length; i++)
                _rows[i].Add(y, noise._amplitudes[i], row);
        }
    }
}

/// <summary>
/// A noise without short wavelengths at every sample, laid out on every fourth sample of the scene and linear between: a sixteenth of the work. Nodes are at
/// whole multiples of four, so a sample is the same in every window.
/// </summary>
internal sealed class CoarseNoise
{
    public const int Step = 4;

    private readonly FractalNoise.Stretch _nodes;
    private float[] _upper, _lower;
    private readonly float[] _between;
    private int _node;
    private bool _filled;

    /// <param name="noise">Made with steps of <see cref="Step"/> samples.</param>
    /// <param name="first">First column in samples, a multiple of <see cref="Step"/>.</param>
    /// <param name="count">Columns, a multiple of <see cref="Step"/>.</param>
    public CoarseNoise(FractalNoise noise, int first, int count)
    {
        int nodes = count / Step + 1;
        _nodes = noise.Columns(first / Step, nodes);
        (_upper, _lower, _between) = (new float[nodes], new float[nodes], new float[nodes]);
    }

    /// <summary>Writes sample row <paramref name="y"/>, or adds it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Row(int y, Span<float> row, bool add = false)
    {
        int node = y >> 2;
        if (!_filled || node != _node)
        {
            if (_filled && node == _node + 1)
                (_upper, _lower) = (_lower, _upper);
            else
                _nodes.Row(node, _upper);
            _nodes.Row(node + 1, _lower);
            _node = node;
            _filled = true;
        }

        float down = (y & 3) * 0.25f;
        for (int i = 0; i < _between.Length; i++)
            _between[i] = _upper[i] + (_lower[i] - _upper[i]) * down;
        var phases = Vector128.Create(0, 0.25f, 0.5f, 0.75f);
        for (int i = 0; i < _between.Length - 1; i++)
        {
            var value = Vector128.Create(_between[i]) + (_between[i + 1] - _between[i]) * phases;
            var four = row.Slice(i * Step, Step);
            if (add)
                value += Vector128.Create<float>(four);
            Vector128.CopyTo(value, four);
        }
    }
}
