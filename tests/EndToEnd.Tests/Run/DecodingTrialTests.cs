using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.EndToEnd.Tests.Run;

/// <summary>Products of strangers, tried by the built program in a process of its own.</summary>
public sealed class DecodingTrialTests : IDisposable
{
    // Real files of Level-1C products, chosen for their size; together with their headers 70 kB.
    private const string RealData = "data/safe_l1c/hyp3-autorift";
    private const int FilesAtOnce = 250;

    private readonly ScratchFolder _folder = new();

    public DecodingTrialTests() => IsolatedDecoding.Program = ["dotnet", typeof(Cli.Program).Assembly.Location];

    public void Dispose()
    {
        IsolatedDecoding.Program = null;
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_good_product_passes(bool zip) => IsolatedDecoding.CheckAsync(TinyScene.Write(_folder["good"], 0, zip: zip), DecodingLimits.Default, quick: zip, default);

    [Fact]
    public async Task A_damaged_band_is_named_in_one_sentence()
    {
        string product = TinyScene.Write(_folder["damaged"], 0), band = Directory.GetFiles(product, "*_B11.jp2", SearchOption.AllDirectories)[0];
        File.WriteAllBytes(band, File.ReadAllBytes(band)[..^40]);
        string message = (await Should.ThrowAsync<InputException>(() => IsolatedDecoding.CheckAsync(product, DecodingLimits.Default, quick: false, default))).Message;
        message.ShouldContain("B11");
        message.ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_product_that_needs_more_than_the_limits_is_refused()
    {
        string product = TinyScene.Write(_folder["limits"], 0);
        (await Should.ThrowAsync<InputException>(() => IsolatedDecoding.CheckAsync(product, DecodingLimits.Default with { Wall = TimeSpan.FromMilliseconds(1) }, quick: false, default)))
            .Message.ShouldContain("was not decoded within");
    }

    [Fact]
    public async Task An_image_that_needs_more_memory_than_the_limit_is_refused()
    {
        // One tile of 6000 x 6000, which is decoded whole: 144 MB and more.
        const int Side = 6000;
        Directory.CreateDirectory(_folder.Path);
        RasterCopy.WriteJpeg2000(_folder["large.jp2"], new Raster<ushort>(Side, Side).Fill(1000), TinyScene.Grid with { Width = Side, Height = Side }, blockSize: Side);
        await IsolatedDecoding.CheckAsync(_folder["large.jp2"], DecodingLimits.Default, quick: false, default);
        await Should.ThrowAsync<InputException>(() => IsolatedDecoding.CheckAsync(_folder["large.jp2"], DecodingLimits.Default with { MemoryMegabytes = 16 }, quick: false, default));
    }

    [Fact]
    public async Task A_trial_that_nobody_waits_for_any_more_ends()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Should.ThrowAsync<OperationCanceledException>(() => IsolatedDecoding.CheckAsync(TinyScene.Write(_folder["stopped"], 0), DecodingLimits.Default, quick: false, stop.Token));
    }

    /// <summary>GDM_MUTATIONS sets how many; without it 1000, so that the whole of the tests stays short.</summary>
    [SharedDataFact(RealData)]
    public void Mutated_headers_of_real_images_end_no_process_but_the_one_that_tries_them()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("GDM_MUTATIONS"), out int wanted) ? wanted : 1000;
        byte[][] originals = [.. Directory.GetFiles(SharedData.PathOf(RealData), "*.jp2").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        originals.ShouldNotBeEmpty();
        int good = 0, refused = 0, ended = 0;
        for (int first = 0; first < count; first += FilesAtOnce)
        {
            var left = new List<string>();
            for (int number = first; number < Math.Min(count, first + FilesAtOnce); number++)
            {
                string file = _folder[$"m{number}.jp2"];
                File.WriteAllBytes(file, HeaderMutation.Of(originals[number % originals.Length], number));
                left.Add(file);
            }

            while (left.Count > 0)
            {
                var (exitCode, output, error) = GdmProcess.Run([.. IsolatedDecoding.Arguments(DecodingLimits.Default, quick: true), .. left]);
                string[] verdicts = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                verdicts.ShouldAllBe(v => v == "ok" || v.StartsWith("bad ", StringComparison.Ordinal));
                good += verdicts.Count(v => v == "ok");
                refused += verdicts.Count(v => v != "ok");
                if (verdicts.Length < left.Count)
                {
                    // The process ended at this one: a signal, no exception of ours.
                    exitCode.ShouldBeGreaterThan(126, $"{left[verdicts.Length]}: {error}");
                    ended++;
                    verdicts = [.. verdicts, "ended"];
                }

                left.Take(verdicts.Length).ToList().ForEach(File.Delete);
                left.RemoveRange(0, verdicts.Length);
            }
        }

        (good + refused + ended).ShouldBe(count);
        refused.ShouldBeGreaterThan(count / 4);
        // What passes the look at the structure hardly ever reaches an assertion: without it, it is one in some thousands.
        ended.ShouldBeLessThanOrEqualTo(1 + count / 1000);
        if (wanted > 0)
            Console.WriteLine($"{count} mutations: {good} read, {refused} refused, {ended} ended their process");
    }
}

/// <summary>Damage to the first bytes of a JPEG 2000 file; the same number gives the same damage.</summary>
internal static class HeaderMutation
{
    public static byte[] Of(byte[] original, int seed)
    {
        var random = new Random(seed);
        var bytes = new List<byte>(original);
        int start = original.AsSpan().IndexOf<byte>([0xFF, 0x4F, 0xFF, 0x51]), end = start + original.AsSpan(start).IndexOf<byte>([0xFF, 0x90]) + 40;
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int at = random.Next(2) == 0 ? random.Next(end) : random.Next(start, Math.Min(start + 140, end));
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    uint[] numbers = [0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x10000, 1u << random.Next(32)];
                    uint number = numbers[random.Next(numbers.Length)];
                    for (int k = 0; k < 4; k++)
                        bytes[at + k] = (byte)(number >> 24 - 8 * k);
                    break;
                case 3:
                    bytes.RemoveRange(at, random.Next(1, 9));
                    break;
                default:
                    bytes.InsertRange(at, new byte[random.Next(1, 9)]);
                    break;
            }
        }

        return random.Next(10) == 0 ? [.. bytes.Take(random.Next(1, bytes.Count))] : [.. bytes];
    }
}
