using GdmOptEtq.Cli;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Imagery.Gdal;
using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.EndToEnd.Tests.Match;

public sealed class MatchCommandTests : IDisposable
{
    private const int Size = 150;
    private readonly string _folder = Directory.CreateTempSubdirectory("gdm-match-").FullName;
    private readonly RasterGrid _grid = new(32633, 500000, 5000000, 10, Size, Size);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("correlation")]
    [InlineData("optical-flow")]
    public async Task Two_rasters_become_six_files_on_their_grid(string method)
    {
        (await Match(Image("a", 0), Image("b", 0.4), "--method", method, "--tile-size", "128")).ShouldBe(ExitCode.Ok);
        using var dx = RasterFile.Open(Path.Combine(_folder, "out", "dx.tif"));
        using var dy = RasterFile.Open(Path.Combine(_folder, "out", "dy.tif"));
        using var score = RasterFile.Open(Path.Combine(_folder, "out", "score.tif"));
        dx.Grid.ShouldBe(_grid);
        dx.BandUnit(1).ShouldBe("pixel");
        OrderStatistics.Median(Valid(dx)).ShouldBe(0.4, 0.03);
        OrderStatistics.Median(Valid(dy)).ShouldBe(0, 0.03);
        OrderStatistics.Median(Valid(score)).ShouldBeGreaterThan(0.9);
        using var validity = RasterFile.Open(Path.Combine(_folder, "out", "validity.tif"));
        var flags = validity.Read<ushort>(1);
        var values = dx.Read<float>(1);
        for (int i = 0; i < flags.Pixels.Length; i++)
            float.IsFinite(values.Pixels[i]).ShouldBe(flags.Pixels[i] == 0);
    }

    [Theory]
    [InlineData("correlation")]
    [InlineData("optical-flow")]
    public async Task Bytes_and_floats_are_matched_like_integers(string method)
    {
        string bytes = Image("bytes", 0, v => (byte)Math.Clamp(v / 8, 0, 255)), floats = Image("floats", 0.4, v => v / 4000f - 0.1f);
        (await Match(bytes, floats, "--method", method)).ShouldBe(ExitCode.Ok);
        using var dx = RasterFile.Open(Path.Combine(_folder, "out", "dx.tif"));
        OrderStatistics.Median(Valid(dx)).ShouldBe(0.4, 0.05);
    }

    [Theory]
    [InlineData("correlation")]
    [InlineData("optical-flow")]
    public async Task A_constant_image_gives_flags_and_exit_code_4(string method)
    {
        (await Match(Image("flat", 0, _ => 5f), Image("b", 0), "--method", method)).ShouldBe(ExitCode.NoValidResult);
        using var dx = RasterFile.Open(Path.Combine(_folder, "out", "dx.tif"));
        Valid(dx).ShouldBeEmpty();
        using var validity = RasterFile.Open(Path.Combine(_folder, "out", "validity.tif"));
        validity.Read<ushort>(1).Pixels.ShouldAllBe(flags => flags != 0);
    }

    [Fact]
    public async Task Mistakes_end_with_their_exit_code_and_leave_nothing_behind()
    {
        string a = Image("a", 0), elsewhere = Image("elsewhere", 0, v => v, 900000), text = Path.Combine(_folder, "text.tif");
        File.WriteAllText(text, "no image");
        (await Match(a, elsewhere)).ShouldBe(ExitCode.BadInput);
        (await Match(a, text)).ShouldBe(ExitCode.BadInput);
        (await Match(a, Path.Combine(_folder, "none.tif"))).ShouldBe(ExitCode.BadInput);
        (await Match(a, a, "--band", "3")).ShouldBe(ExitCode.BadInput);
        (await Match(a, a, "--spatial-matching-range", "0")).ShouldBe(ExitCode.Usage);
        (await Match(a, a, "--spatial-matching-range", "1000000000")).ShouldBe(ExitCode.Usage);
        (await Match(a, a, "--window-size", "8")).ShouldBe(ExitCode.Usage);
        (await Match(a, a, "--flow-radii", "eight")).ShouldBe(ExitCode.Usage);
        (await Match(a, a, "--method", "guess")).ShouldBe(ExitCode.Usage);
        Directory.Exists(Path.Combine(_folder, "out")).ShouldBeFalse();
    }

    private Task<int> Match(string reference, string secondary, params string[] options) =>
        CommandLine.Execute(Program.Commands(), ["match", reference, secondary, "--out", Path.Combine(_folder, "out"), .. options]);

    private static float[] Valid(RasterFile file) => Array.FindAll(file.Read<float>(1).Pixels, float.IsFinite);

    private string Image(string name, double shift) => Image(name, shift, v => (ushort)v);

    private string Image<T>(string name, double shift, Func<float, T> convert, double originX = 500000)
        where T : unmanaged
    {
        string path = Path.Combine(_folder, name + ".tif");
        var random = new Random(9);
        var waves = Enumerable.Range(0, 30).Select(_ => (Angle: random.NextDouble() * Math.PI, Frequency: 0.03 + 0.2 * random.NextDouble(), Phase: 6.3 * random.NextDouble())).ToArray();
        var image = new Raster<T>(Size, Size);
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
                image[x, y] = convert((float)(1000 + 60 * waves.Sum(w => Math.Cos(2 * Math.PI * w.Frequency * ((x - shift) * Math.Cos(w.Angle) + y * Math.Sin(w.Angle)) + w.Phase))));
        }

        GeoTiff.Write(path, image, _grid with { OriginX = originX });
        return path;
    }
}
