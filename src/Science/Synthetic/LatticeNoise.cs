using System.Numerics;
using System.Runtime.CompilerServices;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>
/// Smooth random texture of one wavelength: cubic B-splines on a lattice of hashed weights, zero mean and unit variance. A row costs the same few operations
/// per sample whatever the wavelength, and a sample comes out the same in every window that holds it.
/// </summary>
internal sealed class LatticeNoise
{
    // Mean square of a cubic B-spline's four weights is 0.479365 per axis; this brings the variance to one.
    private const float Normalise = 2.0861f;

    private readonly ulong _seed;
    private readonly int _wavelength;
    private readonly float[] _w0, _w1, _w2, _w3;

    public LatticeNoise(ulong seed, int wavelengthSamples)
    {
        _seed = SeededNoise.Stream(seed, (ulong)wavelengthSamples);
        _wavelength = wavelengthSamples;
        _w0 = new float[wavelengthSamples];
        _w1 = new float[wavelengthSamples];
        _w2 = new float[wavelengthSamples];
        _w3 = new float[wavelengthSamples];
        for (int i = 0; i < wavelengthSamples; i++)
            (_w0[i], _w1[i], _w2[i], _w3[i]) = Weights((i + 0.5f) / wavelengthSamples);
    }

    /// <summary>Adds <paramref name="amplitude"/> times the noise of samples (x0.., y) to <paramref name="row"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddRow(int x0, int y, float amplitude, Span<float> row)
    {
        int cellY = FloorDivide(y, _wavelength), cell = FloorDivide(x0, _wavelength), inCell = x0 - cell * _wavelength;
        var (v0, v1, v2, v3) = Weights((y - cellY * _wavelength + 0.5f) / _wavelength);
        float scale = amplitude * Normalise;
        float c0 = Column(cell - 1), c1 = Column(cell), c2 = Column(cell + 1), c3 = Column(cell + 2);
        int at = 0;
        while (at < row.Length)
        {
            int count = Math.Min(_wavelength - inCell, row.Length - at);
            var part = row.Slice(at, count);
            ReadOnlySpan<float> w0 = _w0.AsSpan(inCell, count), w1 = _w1.AsSpan(inCell, count), w2 = _w2.AsSpan(inCell, count), w3 = _w3.AsSpan(inCell, count);
            int i = 0;
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            {
                var sum = ((new Vector<float>(w0[i..]) * c0) + (new Vector<float>(w1[i..]) * c1)) + ((new Vector<float>(w2[i..]) * c2) + (new Vector<float>(w3[i..]) * c3));
                (new Vector<float>(part[i..]) + sum).CopyTo(part[i..]);
            }

            for (; i < count; i++)
                part[i] += ((w0[i] * c0) + (w1[i] * c1)) + ((w2[i] * c2) + (w3[i] * c3));
            at += count;
            inCell = 0;
            cell++;
            (c0, c1, c2, c3) = (c1, c2, c3, Column(cell + 2));
        }

        float Column(int x) => scale * ((v0 * Weight(x, cellY - 1) + v1 * Weight(x, cellY)) + (v2 * Weight(x, cellY + 1) + v3 * Weight(x, cellY + 2)));
    }

    private float Weight(int x, int y) => SeededNoise.Bell(SeededNoise.At(_seed, x, y));

    private static (float, float, float, float) Weights(float t)
    {
        float s = 1 - t;
        return (s * s * s / 6, (4 - 6 * t * t + 3 * t * t * t) / 6, (4 - 6 * s * s + 3 * s * s * s) / 6, t * t * t / 6);
    }

    private static int FloorDivide(int a, int b) => a >= 0 ? a / b : -((b - 1 - a) / b);
}

/// <summary>Sum of noises whose wavelengths double and whose amplitudes follow a power law; unit variance.</summary>
internal sealed class FractalNoise
{
    private readonly LatticeNoise[] _octaves;
    private readonly float[] _amplitudes;

    /// <param name="roughness">Amplitude ratio from one octave to the next longer one is 2 to this power: 0 white-like, 1 smooth hills.</param>
    public FractalNoise(ulong seed, int shortest, int longest, double roughness)
    {
        var octaves = new List<LatticeNoise>();
        var amplitudes = new List<double>();
        for (int wavelength = shortest; wavelength <= longest; wavelength *= 2)
        {
            octaves.Add(new LatticeNoise(seed, wavelength));
            amplitudes.Add(Math.Pow(wavelength, roughness));
        }

        double norm = Math.Sqrt(amplitudes.Sum(a => a * a));
        _octaves = [.. octaves];
        _amplitudes = [.. amplitudes.Select(a => (float)(a / norm))];
    }

    /// <summary>Writes the samples (x0.., y) to <paramref name="row"/>.</summary>
    public void Row(int x0, int y, Span<float> row)
    {
        row.Clear();
        for (int i = 0; i < _octaves.Length; i++)
            _octaves[i].AddRow(x0, y, _amplitudes[i], row);
    }
}
