using GdmOptEtq.Science.Correction;

namespace GdmOptEtq.Science.Tests.Correction;

public sealed class WaveletTests
{
    public static TheoryData<string> Families => ["sym8", "db8"];

    private static Wavelet Of(string family) => family == "sym8" ? Wavelet.Symlet8 : Wavelet.Daubechies8;

    [Theory]
    [MemberData(nameof(Families))]
    public void Forward_and_inverse_give_the_signal_back_and_keep_its_energy(string family)
    {
        var random = new Random(3);
        var signal = Enumerable.Range(0, 128).Select(_ => RobustPlaneTests.Normal(random)).ToArray();
        var coefficients = new double[128];
        var back = new double[128];
        Of(family).Forward(signal, coefficients);
        Of(family).Inverse(coefficients, back);

        coefficients.Sum(v => v * v).ShouldBe(signal.Sum(v => v * v), 1e-8);
        for (int i = 0; i < 128; i++)
            back[i].ShouldBe(signal[i], 1e-8);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Polynomials_up_to_degree_seven_leave_no_detail(string family)
    {
        var signal = Enumerable.Range(0, 256).Select(i => Math.Pow((i - 128) / 128.0, 7)).ToArray();
        var coefficients = new double[256];
        Of(family).Forward(signal, coefficients);

        // The last coefficients wrap round the ends of the signal.
        coefficients.Skip(128).Take(119).Max(Math.Abs).ShouldBeLessThan(1e-7);
    }

    [Fact]
    public void Shrinkage_keeps_a_wave_and_drops_noise()
    {
        var random = new Random(5);
        var noise = Enumerable.Range(0, 1100).Select(_ => (float)(0.01 * RobustPlaneTests.Normal(random))).ToArray();
        var wave = Enumerable.Range(0, 1100).Select(i => (float)(0.1 * Math.Sin(2 * Math.PI * i / 20))).ToArray();

        TrackProfile.Rms(Wavelet.Symlet8.Shrink(noise, 6)).ShouldBeLessThan(0.002);
        var kept = Wavelet.Symlet8.Shrink(noise.Zip(wave, (n, w) => n + w).ToArray(), 6);
        TrackProfile.Rms(kept.Zip(wave, (k, w) => k - w).ToArray()).ShouldBeLessThan(0.01);
    }
}
