using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>
/// Smooth random texture of one wavelength: cubic B-splines on a lattice of hashed weights, zero mean and unit variance. A sample comes out the same in every
/// window that holds it.
/// </summary>
internal sealed class LatticeNoise
{
    // Mean square of a cubic B-spline's four weights is 0.479365 per axis; this brings the variance to one.
    private const float Normalise = 2.0861f;

    private readonly ulong _seed;
    private readonly int _wavelength, _step, _phases;
    private readonly float _offset;
    private readonly float[] _w0, _w1, _w2, _w3;

    /// <param name="stepSamples">Only every so many samples are wanted, along rows and columns; divides the wavelength.</param>
    /// <param name="offsetSamples">The first of them within a step.</param>
    public LatticeNoise(ulong seed, int wavelengthSamples, int stepSamples = 1, int offsetSamples = 0)
    {
        if (wavelengthSamples % stepSamples != 0)
            throw new ArgumentException($"Steps of {stepSamples} samples do not divide a wavelength of {wavelengthSamples}.", nameof(stepSamples));
        _seed = SeededNoise.Stream(seed, (ulong)wavelengthSamples);
        _wavelength = wavelengthSamples;
        _step = stepSamples;
        _offset = offsetSamples + 0.5f;
        _phases = wavelengthSamples / stepSamples;
        _w0 = new float[_phases];
        _w1 = new float[_phases];
        _w2 = new float[_phases];
        _w3 = new float[_phases];
        for (int i = 0; i < _phases; i++)
            (_w0[i], _w1[i], _w2[i], _w3[i]) = Weights((i * _step + _offset) / wavelengthSamples);
    }

    private float Weight(int x, int y) => SeededNoise.Bell(SeededNoise.At(_seed, x, y));

    private static (float, float, float, float) Weights(float t)
    {
        float s = 1 - t;
        return (s * s * s / 6, (4 - 6 * t * t + 3 * t * t * t) / 6, (4 - 6 * s * s + 3 * s * s * s) / 6, t * t * t / 6);
    }

    private static int FloorDivide(int a, int b) => a >= 0 ? a / b : -((b - 1 - a) / b);

    /// <summary>
    /// Rows of the noise under one stretch of columns, best asked for in order: the hashes of a lattice row serve all sample rows that touch it. Sums are
    /// formed in the same order by every path, so that a sample does not depend on where the stretch begins.
    /// </summary>
    internal sealed class Rows
    {
        private readonly LatticeNoise _noise;
        private readonly int _firstCell, _firstPhase;
        private readonly float[] _columns;
        private float[] _r0, _r1, _r2, _r3;
        private int _cellY;
        private bool _filled;

        /// <param name="first">First column, counted in steps.</param>
        /// <param name="count">Number of columns.</param>
        public Rows(LatticeNoise noise, int first, int count)
        {
            _noise = noise;
            _firstCell = FloorDivide(first, noise._phases);
            _firstPhase = first - _firstCell * noise._phases;
            int nodes = (_firstPhase + count + noise._phases - 1) / noise._phases + 3;
            _columns = new float[nodes + 4];
            (_r0, _r1, _r2, _r3) = (new float[nodes + 4], new float[nodes + 4], new float[nodes + 4], new float[nodes + 4]);
        }

        /// <summary>Adds <paramref name="amplitude"/> times row <paramref name="y"/> (counted in steps) to <paramref name="row"/>.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Add(int y, float amplitude, Span<float> row)
        {
            int cellY = FloorDivide(y, _noise._phases);
            Fill(cellY);
            Combine(Weights(((y - cellY * _noise._phases) * _noise._step + _noise._offset) / _noise._wavelength), amplitude * Normalise);
            int phases = _noise._phases, at = 0, cell = 0, phase = _firstPhase;
            if (phases == 2 && phase == 0)
                (at, cell) = Pairs(row);
            ref float to = ref MemoryMarshal.GetReference(row);
            ref float w0 = ref _noise._w0[0], w1 = ref _noise._w1[0], w2 = ref _noise._w2[0], w3 = ref _noise._w3[0];
            while (at < row.Length)
            {
                float c0 = _columns[cell], c1 = _columns[cell + 1], c2 = _columns[cell + 2], c3 = _columns[cell + 3];
                int end = Math.Min(phases, phase + row.Length - at), i = phase;
                for (; i <= end - 8; i += 8, at += 8)
                {
                    nuint n = (nuint)i;
                    var sum = ((Vector256.LoadUnsafe(ref w0, n) * c0) + (Vector256.LoadUnsafe(ref w1, n) * c1)) + ((Vector256.LoadUnsafe(ref w2, n) * c2) + (Vector256.LoadUnsafe(ref w3, n) * c3));
                    (Vector256.LoadUnsafe(ref to, (nuint)at) + sum).StoreUnsafe(ref to, (nuint)at);
                }

                for (; i <= end - 4; i += 4, at += 4)
                {
                    nuint n = (nuint)i;
                    var sum = ((Vector128.LoadUnsafe(ref w0, n) * c0) + (Vector128.LoadUnsafe(ref w1, n) * c1)) + ((Vector128.LoadUnsafe(ref w2, n) * c2) + (Vector128.LoadUnsafe(ref w3, n) * c3));
                    (Vector128.LoadUnsafe(ref to, (nuint)at) + sum).StoreUnsafe(ref to, (nuint)at);
                }

                for (; i < end; i++, at++)
                    row[at] += ((_noise._w0[i] * c0) + (_noise._w1[i] * c1)) + ((_noise._w2[i] * c2) + (_noise._w3[i] * c3));
                phase = 0;
                cell++;
            }
        }

        /// <summary>The shortest noise of all, two samples to the lattice cell: two cells at once.</summary>
        private (int Samples, int Cells) Pairs(Span<float> row)
        {
            Vector128<float> Twice(float[] w) => Vector128.Create(w[0], w[1], w[0], w[1]);
            var (w0, w1, w2, w3) = (Twice(_noise._w0), Twice(_noise._w1), Twice(_noise._w2), Twice(_noise._w3));
            ref float to = ref MemoryMarshal.GetReference(row), columns = ref _columns[0];
            int at = 0, cell = 0;
            for (; at <= row.Length - 4; at += 4, cell += 2)
            {
                var c = Vector128.LoadUnsafe(ref columns, (nuint)cell);
                var next = Vector128.LoadUnsafe(ref columns, (nuint)cell + 2);
                var c0 = Vector128.Shuffle(c, Vector128.Create(0, 0, 1, 1));
                var c1 = Vector128.Shuffle(c, Vector128.Create(1, 1, 2, 2));
                var c2 = Vector128.Shuffle(c, Vector128.Create(2, 2, 3, 3));
                var c3 = Vector128.Shuffle(next, Vector128.Create(1, 1, 2, 2));
                var sum = ((w0 * c0) + (w1 * c1)) + ((w2 * c2) + (w3 * c3));
                (Vector128.LoadUnsafe(ref to, (nuint)at) + sum).StoreUnsafe(ref to, (nuint)at);
            }

            return (at, cell);
        }

        private void Fill(int cellY)
        {
            if (_filled && cellY == _cellY)
                return;
            if (_filled && cellY == _cellY + 1)
            {
                (_r0, _r1, _r2, _r3) = (_r1, _r2, _r3, _r0);
                Hash(_r3, cellY + 2);
            }
            else
            {
                Hash(_r0, cellY - 1);
                Hash(_r1, cellY);
                Hash(_r2, cellY + 1);
                Hash(_r3, cellY + 2);
            }

            _cellY = cellY;
            _filled = true;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Hash(float[] nodes, int y)
        {
            for (int i = 0; i < nodes.Length; i++)
                nodes[i] = _noise.Weight(_firstCell - 1 + i, y);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Combine((float, float, float, float) weights, float scale)
        {
            var (v0, v1, v2, v3) = weights;
            int i = 0, width = Vector<float>.Count;
            for (; i <= _columns.Length - width; i += width)
                (scale * (((v0 * new Vector<float>(_r0, i)) + (v1 * new Vector<float>(_r1, i))) + ((v2 * new Vector<float>(_r2, i)) + (v3 * new Vector<float>(_r3, i))))).CopyTo(_columns, i);
            for (; i < _columns.Length; i++)
                _columns[i] = scale * (((v0 * _r0[i]) + (v1 * _r1[i])) + ((v2 * _r2[i]) + (v3 * _r3[i])));
        }
    }
}
