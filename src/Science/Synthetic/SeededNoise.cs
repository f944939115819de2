using System.Runtime.CompilerServices;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>
/// Random numbers that depend on nothing but a seed and a place, so that any window of a scene comes out the same in any order and on any thread.
/// The mixing step is that of SplitMix64 (Steele, Lea and Flood 2014).
/// </summary>
internal static class SeededNoise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }

    /// <summary>A seed of its own for one purpose (<paramref name="stream"/>) of a scene.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Stream(ulong seed, ulong stream) => Mix(seed ^ Mix(stream));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong At(ulong seed, int x, int y) => Mix(seed ^ (((ulong)(uint)y << 32) | (uint)x));

    /// <summary>Uniform in [0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Uniform(ulong bits) => (bits >> 40) * (1f / (1 << 24));

    /// <summary>Zero mean, unit variance, from four uniform numbers: bell-shaped out to 3.4 sigma and twenty times cheaper than a logarithm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Bell(ulong bits)
    {
        int sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
        return (sum - 131070) * (1f / 37837.23f);
    }

    /// <summary>Normal deviate (Box and Muller 1958).</summary>
    public static double Normal(ulong bits)
    {
        double u = ((bits >> 11) + 1) * (1.0 / (1UL << 53));
        double v = Mix(bits) * (1.0 / 18446744073709551616.0);
        return Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v);
    }
}

/// <summary>A short sequence of draws for parameters, in the order they are asked for.</summary>
internal sealed class SeededSequence(ulong seed)
{
    private ulong _state = seed;

    public double Uniform(double low, double high) => low + (high - low) * (Next() >> 11) * (1.0 / (1UL << 53));

    public double Normal() => SeededNoise.Normal(Next());

    private ulong Next() => SeededNoise.Mix(_state += 0x9E3779B97F4A7C15UL);
}
