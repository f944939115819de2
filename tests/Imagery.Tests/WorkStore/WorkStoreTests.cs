using System.Diagnostics;
using GdmOptEtq.Imagery.WorkStore;
using GdmOptEtq.Science.Rasters;
using Store = GdmOptEtq.Imagery.WorkStore.WorkStore;

namespace GdmOptEtq.Imagery.Tests.WorkStoreTesting;

public sealed class WorkStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Store _store;

    public WorkStoreTests() => _store = new Store(_folder["work"]);

    public void Dispose() => _folder.Dispose();

    private static WorkKey Key(string parameters = "{}") => WorkKey.Of("correlate", "1", ["a", "b"], parameters);

    private static DisplacementField Field(int width, int height)
    {
        var field = DisplacementField.Empty(width, height, Validity.NoTexture);
        for (int i = 0; i < width * height; i++)
        {
            field.Dx.Pixels[i] = i;
            field.Dy.Pixels[i] = -i / 3f;
            field.SigmaDy.Pixels[i] = float.Epsilon * i;
            field.Validity.Pixels[i] |= (Validity)(i % 3);
        }

        return field;
    }

    [Fact]
    public void A_key_depends_on_every_part_and_on_nothing_else()
    {
        var keys = new[]
        {
            Key(), Key("{\"a\":1}"), WorkKey.Of("correlat", "1", ["a", "b"], "{}"), WorkKey.Of("correlate", "2", ["a", "b"], "{}"),
            WorkKey.Of("correlate", "1", ["b", "a"], "{}"), WorkKey.Of("correlate", "1", ["ab"], "{}"), WorkKey.Of("correlate", "1", ["a"], "b{}"),
            WorkKey.Of("correlate", "1", ["a", "b", "{}"], ""),
        };
        keys.Distinct().Count().ShouldBe(keys.Length);
        Key().ShouldBe(Key());
        Key().Stage.ShouldBe("correlate");
        WorkKey.Parse(Key().Value).ShouldBe(Key());
    }

    [Fact]
    public void A_result_is_moved_out_once_also_to_another_file_system()
    {
        // Memory, and so another file system than that of the other temporary folders.
        string elsewhere = Directory.Exists("/dev/shm") ? $"/dev/shm/gdm-test-{Guid.NewGuid():N}" : _folder["elsewhere"];
        try
        {
            foreach (string place in (string[])[_folder["result/a.tif"], Path.Combine(elsewhere, "b.tif")])
            {
                _store.Publish(Key(), path => File.WriteAllText(path, "pixels"));
                _store.TryMove(Key(), place).ShouldBeTrue();
                File.ReadAllText(place).ShouldBe("pixels");
                _store.Contains(Key()).ShouldBeFalse();
                _store.TryMove(Key(), place).ShouldBeFalse();
                File.ReadAllText(place).ShouldBe("pixels");
                Directory.GetFiles(Path.GetDirectoryName(place)!).Length.ShouldBe(1);
            }
        }
        finally
        {
            if (Directory.Exists(elsewhere))
                Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Fact]
    public void Text_that_is_no_key_is_refused()
    {
        WorkKey.TryParse("../correlate-" + new string('a', 64), out _).ShouldBeFalse();
        WorkKey.TryParse("correlate-abc", out _).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => WorkKey.Of("a/b", "1", [], ""));
    }

    [Fact]
    public void A_field_comes_back_bit_by_bit_whole_and_by_window()
    {
        var field = Field(300, 200);
        _store.Contains(Key()).ShouldBeFalse();
        _store.Publish(Key(), field);
        _store.Contains(Key()).ShouldBeTrue();
        using var entry = _store.Open(Key());
        Same(entry.ReadField(), field);
        var window = new Window(17, 101, 200, 50);
        Same(entry.ReadField(window), field.Crop(window));
    }

    private static void Same(DisplacementField a, DisplacementField b)
    {
        a.Dx.Bytes.SequenceEqual(b.Dx.Bytes).ShouldBeTrue();
        a.Dy.Bytes.SequenceEqual(b.Dy.Bytes).ShouldBeTrue();
        a.Score.Bytes.SequenceEqual(b.Score.Bytes).ShouldBeTrue();
        a.SigmaDx.Bytes.SequenceEqual(b.SigmaDx.Bytes).ShouldBeTrue();
        a.SigmaDy.Bytes.SequenceEqual(b.SigmaDy.Bytes).ShouldBeTrue();
        a.Validity.Bytes.SequenceEqual(b.Validity.Bytes).ShouldBeTrue();
    }

    [Fact]
    public void Tiles_written_by_several_threads_make_the_whole()
    {
        var field = Field(500, 400);
        using (var writer = _store.Create(Key(), WorkEntry.FieldLayout(500, 400)))
        {
            writer.SetText("model", "{\"offset\":1}");
            Parallel.For(0, 20, i =>
            {
                var window = new Window(i % 5 * 100, i / 5 * 100, 100, 100);
                writer.WriteField(field.Crop(window), window.X, window.Y);
            });
            _store.Contains(Key()).ShouldBeFalse("nothing is seen before it is whole");
            writer.Publish();
        }

        using var entry = _store.Open(Key());
        Same(entry.ReadField(), field);
        entry.Texts["model"].ShouldBe("{\"offset\":1}");
    }

    [Fact]
    public void What_is_not_published_leaves_nothing()
    {
        using (var writer = _store.Create(Key(), RasterLayout.Of<float>("a", 10, 10)))
            writer.Write("a", new Raster<float>(10, 10), 0, 0);
        _folder.Files().ShouldBeEmpty();
    }

    [Fact]
    public void Any_file_can_be_published_and_a_failure_leaves_nothing()
    {
        _store.Publish(Key(), path => File.WriteAllText(path, "x"));
        File.ReadAllText(_store.Path(Key())).ShouldBe("x");
        Should.Throw<InvalidOperationException>(() => _store.Publish(Key("2"), path =>
        {
            File.WriteAllText(path, "y");
            throw new InvalidOperationException();
        }));
        _folder.Files().ShouldBe([_store.Path(Key())]);
    }

    [Fact]
    public void Two_writers_of_one_key_do_not_disturb_each_other_or_a_reader()
    {
        var field = Field(100, 100);
        _store.Publish(Key(), field);
        using var reader = _store.Open(Key());
        var other = new Store(_store.Root);
        Parallel.For(0, 16, i => (i % 2 == 0 ? _store : other).Publish(Key(), field));
        Same(reader.ReadField(), field);
        using var again = _store.Open(Key());
        Same(again.ReadField(), field);
        _folder.Files().Length.ShouldBe(1);
    }

    [Fact]
    public void Leftovers_of_killed_processes_are_swept_and_those_of_living_ones_stay()
    {
        Directory.CreateDirectory(_folder["work/correlate"]);
        string host = new([.. Environment.MachineName.Where(char.IsAsciiLetterOrDigit)]);
        using var process = Process.Start(new ProcessStartInfo("true"))!;
        process.WaitForExit();
        string dead = _folder[$"work/correlate/.gdm-part-{host}-{process.Id}-abcd-x"];
        string living = _folder[$"work/correlate/.gdm-part-{host}-{Environment.ProcessId}-abcd-x"];
        string foreign = _folder["work/correlate/.gdm-part-elsewhere-1-abcd-x"], foreignOld = _folder["work/correlate/.gdm-part-elsewhere-2-abcd-x"];
        foreach (string path in new[] { dead, living, foreign, foreignOld })
            File.WriteAllText(path, "half");
        File.SetLastWriteTimeUtc(foreignOld, DateTime.UtcNow.AddDays(-2));
        _ = new Store(_store.Root);
        _folder.Files().Order().ShouldBe(new[] { living, foreign }.Order());
        _store.List().ShouldBeEmpty();
    }

    [Fact]
    public void Results_are_listed_with_size_and_can_be_removed_while_open()
    {
        var field = Field(50, 50);
        _store.Publish(Key(), field);
        _store.Publish(WorkKey.Of("filter", "1", [], ""), path => File.WriteAllText(path, "12345"));
        _store.List().Select(item => (item.Key.Stage, item.Length > 4)).ShouldBe([("correlate", true), ("filter", true)]);
        using var entry = _store.Open(Key());
        _store.Remove(Key()).ShouldBeTrue();
        _store.Remove(Key()).ShouldBeFalse();
        Same(entry.ReadField(), field);
        _store.Contains(Key()).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(5000)]
    [InlineData(-1)]
    public void A_cut_off_file_is_recognised(int length)
    {
        _store.Publish(Key(), Field(50, 50));
        byte[] bytes = File.ReadAllBytes(_store.Path(Key()));
        File.WriteAllBytes(_store.Path(Key()), bytes[..(length < 0 ? bytes.Length - 1 : length)]);
        Should.Throw<InputException>(() => _store.Open(Key())).Message.ShouldContain("is damaged: delete it");
    }

    [Fact]
    public void Wrong_types_names_and_windows_are_programming_errors()
    {
        _store.Publish(Key(), Field(50, 50));
        using var entry = _store.Open(Key());
        Should.Throw<ArgumentException>(() => entry.Read<ushort>("dx")).Message.ShouldContain("Float32");
        Should.Throw<ArgumentException>(() => entry.Read<float>("dz"));
        Should.Throw<ArgumentOutOfRangeException>(() => entry.Read<float>("dx", new Window(40, 0, 20, 5)));
        Should.Throw<InputException>(() => _store.Open(Key("none"))).Message.ShouldContain("cannot be opened");
    }

    [SmallDiskFact]
    public void A_full_disk_is_known_before_the_work_and_leaves_nothing()
    {
        using var disk = new SmallDisk(_folder["disk"], 4096);
        var store = new Store(Path.Combine(disk.Folder, "work"));
        Should.Throw<InputException>(() => store.Create(Key(), WorkEntry.FieldLayout(2000, 2000))).Message.ShouldContain("free some space");
        Directory.GetFiles(disk.Folder, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }
}
