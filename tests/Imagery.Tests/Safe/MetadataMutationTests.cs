using System.Text;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Safe;

/// <summary>Real metadata, damaged in thousands of ways: each way they are read or refused in one sentence, and memory stays in proportion to the file.</summary>
public sealed class MetadataMutationTests
{
    private const string RealData = "data/safe_l1c";

    /// <summary>GDM_MUTATIONS sets how many; without it 2000, so that the whole of the tests stays short.</summary>
    [SharedDataFact(RealData)]
    public void Mutated_metadata_are_read_or_refused_with_bounded_memory()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("GDM_MUTATIONS"), out int wanted) ? wanted : 2000;
        var files = Directory.GetFiles(SharedData.PathOf(RealData), "*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f) is ".gml" || Path.GetFileName(f).Contains("MTD_", StringComparison.Ordinal) && Path.GetExtension(f) == ".xml")
            .Where(f => new FileInfo(f).Length > 0).Order(StringComparer.Ordinal).ToArray();
        // Metadata are worth more trials than the hundreds of polygon masks.
        string[] metadata = [.. files.Where(f => Path.GetExtension(f) == ".xml")], masks = [.. files.Where(f => Path.GetExtension(f) == ".gml")];
        var originals = files.ToDictionary(f => f, File.ReadAllBytes);
        int read = 0, refused = 0;
        for (int seed = 0; seed < count; seed++)
        {
            string file = seed % 3 == 0 && masks.Length > 0 ? masks[seed / 3 % masks.Length] : metadata[seed % metadata.Length];
            byte[] damaged = Damage(originals[file], new Random(seed));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Read(file, damaged);
                read++;
            }
            catch (InputException refusal)
            {
                refused++;
                refusal.Message.ShouldNotContain("\n", Case.Sensitive, $"seed {seed}");
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Seed {seed}, {file}: {error.GetType().Name} instead of a sentence.", error);
            }

            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100L * originals[file].Length + (64 << 20), $"seed {seed}, {file}");
        }

        (read + refused).ShouldBe(count);
        read.ShouldBeGreaterThan(count / 20);
        refused.ShouldBeGreaterThan(count / 20);
        if (wanted > 0)
            Console.WriteLine($"{count} mutations of metadata: {read} read, {refused} refused");
    }

    /// <summary>Reads a file as the program does, to the last member that it parses.</summary>
    private static void Read(string file, byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        if (Path.GetExtension(file) == ".gml")
        {
            foreach (var feature in GmlMask.Parse(stream, "mask.gml"))
                _ = feature.Polygons.Sum(p => p.Rings.Count);
            return;
        }

        if (Path.GetFileName(file).Contains("_TL", StringComparison.Ordinal))
        {
            var tile = TileMetadata.Parse(stream, "MTD_TL.xml");
            foreach (int resolution in (int[])[10, 20, 60])
                _ = tile.Grid(resolution).ToString();
            foreach (var band in SafeBand.All)
                _ = tile.ViewAngles(band).Count + (tile.MeanViewAngle(band)?.ZenithDegrees ?? 0);
            _ = tile.SunAngles.Rows + tile.SensingTime.Year + tile.Masks.Count;
            return;
        }

        var product = ProductMetadata.Parse(stream, "MTD_MSIL1C.xml");
        _ = product.RadiometricOffset(SafeBand.B04) + product.SpecialValue("NODATA") + product.SpecialValue("SATURATED") + product.Granules.Count;
    }

    private static byte[] Damage(byte[] original, Random random)
    {
        var bytes = new List<byte>(original);
        for (int i = random.Next(1, 5); i > 0 && bytes.Count > 8; i--)
        {
            int at = random.Next(bytes.Count - 1), length = Math.Min(random.Next(1, 200), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    ReplaceNumber(bytes, at, random);
                    break;
                case 4:
                    ReplaceText(bytes, at, random);
                    break;
                case 5:
                    RemoveElement(bytes, at);
                    break;
                case 6:
                    bytes.InsertRange(at, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<a>", random.Next(1, 300)))));
                    break;
                default:
                    bytes.InsertRange(0, Encoding.ASCII.GetBytes("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"));
                    break;
            }
        }

        return random.Next(20) == 0 ? [.. bytes.Take(random.Next(bytes.Count))] : [.. bytes];
    }

    // The next number of the file becomes one that nobody expects.
    private static void ReplaceNumber(List<byte> bytes, int from, Random random)
    {
        int start = bytes.FindIndex(from, b => b is >= (byte)'0' and <= (byte)'9');
        if (start < 0)
            return;
        int end = bytes.FindIndex(start, b => b is not (>= (byte)'0' and <= (byte)'9' or (byte)'.'));
        string[] numbers = ["-1", "0", "NaN", "Infinity", "1e400", "2147483647", "99999999999", "1,5", "", "0x10", "-0.0", "1e-320"];
        bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
        bytes.InsertRange(start, Encoding.ASCII.GetBytes(numbers[random.Next(numbers.Length)]));
    }

    // The next text between tags becomes one that nobody expects.
    private static void ReplaceText(List<byte> bytes, int from, Random random)
    {
        int start = bytes.FindIndex(from, b => b == (byte)'>') + 1;
        int end = start > 0 && start < bytes.Count ? bytes.FindIndex(start, b => b == (byte)'<') : -1;
        if (end < 0)
            return;
        string[] texts = ["", " ", "../../etc/passwd", "T99ZZZ", "9999-99-99T99:99:99Z", "EPSG:999999", "\u001b[2J", new string('x', 10_000), "&#0;", "<![CDATA[<]]>"];
        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, Encoding.UTF8.GetBytes(texts[random.Next(texts.Length)]));
    }

    // From one opening tag to the next closing one.
    private static void RemoveElement(List<byte> bytes, int from)
    {
        int start = bytes.FindIndex(from, b => b == (byte)'<');
        int end = start < 0 ? -1 : bytes.FindIndex(Math.Min(start + 1, bytes.Count - 1), b => b == (byte)'<');
        if (end > start)
            bytes.RemoveRange(start, end - start);
    }
}
