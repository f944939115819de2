using GdmOptEtq.Pipeline.Stages;

namespace GdmOptEtq.Pipeline.Tests.LocalRun;

public class ResumeTests(TinyJob job) : IClassFixture<TinyJob>
{
    [Fact]
    public void A_second_run_computes_nothing_and_gives_the_same_bytes()
    {
        var places = job.Places("again");
        var first = job.Run(TinyJob.Parameters, places);
        first.Stages[CorrelateTile.Stage].Executed.ShouldBe(4 * 4);
        var bytes = Bytes(places.Out);
        var second = job.Run(TinyJob.Parameters, places);
        second.Stages.Values.Where(s => s.Stage != WriteProducts.Stage).ShouldAllBe(s => s.Executed == 0);
        second.Stages.ContainsKey(CorrelateTile.Stage).ShouldBeFalse();
        Bytes(places.Out).ShouldBe(bytes);
    }

    [Fact]
    public void A_run_stopped_between_products_makes_only_the_others()
    {
        var whole = job.Places("products-whole");
        int steps = job.Run(TinyJob.Parameters, whole).Stages[WriteProducts.Stage].Executed;
        var places = job.Places("products-stopped");
        using var stop = new CancellationTokenSource();
        Should.Throw<OperationCanceledException>(() =>
            job.Run(TinyJob.Parameters, places, threads: 1, cancellation: stop.Token, progress: new StopAfter(stop, WriteProducts.Stage, 10)));
        string waiting = Path.Combine(places.Work, WriteProducts.Stage);
        int made = Directory.GetFiles(waiting).Length;
        made.ShouldBeInRange(3, steps - 6);
        File.Exists(Path.Combine(places.Out, ProductNames.JobFile)).ShouldBeFalse();

        var stages = job.Run(TinyJob.Parameters, places).Stages;
        stages[WriteProducts.Stage].Reused.ShouldBe(made);
        stages[WriteProducts.Stage].Executed.ShouldBe(steps - made);
        Bytes(places.Out).ShouldBe(Bytes(whole.Out));
        Directory.GetFiles(waiting).ShouldBeEmpty("what is published waits no longer, and takes no room twice");
    }

    [Theory]
    [InlineData("decorrelation-threshold", "0.5", "filter-pair summarise-stack")]
    [InlineData("maximum-displacement", "3", "filter-pair summarise-stack")]
    [InlineData("coherence-window", "5", "summarise-stack")]
    [InlineData("jitter-correction", "false", "correct-pair filter-pair summarise-stack")]
    [InlineData("matching-direction", "Forward+Backward", "correlate-tile mosaic-pair correct-pair filter-pair summarise-stack")]
    public void A_changed_parameter_recomputes_only_what_depends_on_it(string name, string value, string expected)
    {
        var places = job.Places("changed-" + name);
        job.Run(TinyJob.Parameters, places);
        var stages = job.Run(TinyJob.With((name, value)), places).Stages;
        stages.Values.Where(s => s.Executed > 0 && s.Stage != WriteProducts.Stage).Select(s => s.Stage).ShouldBe(expected.Split(' '), ignoreOrder: true);
    }

    [Fact]
    public void A_run_stopped_in_the_middle_continues_with_what_is_missing()
    {
        var places = job.Places("stopped");
        using var stop = new CancellationTokenSource();
        var afterSixTiles = new StopAfter(stop, CorrelateTile.Stage, 6);
        Should.Throw<OperationCanceledException>(() => job.Run(TinyJob.Parameters, places, cancellation: stop.Token, progress: afterSixTiles));
        Directory.GetFileSystemEntries(places.Out).Select(Path.GetFileName).ShouldBe([".gdm-work"]);
        Directory.GetFiles(places.Work, ".gdm-part-*", SearchOption.AllDirectories).ShouldBeEmpty();
        var stages = job.Run(TinyJob.Parameters, places).Stages;
        stages[CorrelateTile.Stage].Executed.ShouldBeInRange(9, 11);
        stages[PrepareAcquisition.Stage].Executed.ShouldBe(0);
        job.Run(TinyJob.Parameters, job.Places("unstopped"));
        Bytes(places.Out).ShouldBe(Bytes(job.FolderOf("unstopped")));
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bytes()
    {
        job.Run(TinyJob.Parameters, job.Places("one"), threads: 1);
        job.Run(TinyJob.Parameters, job.Places("three"), threads: 3);
        Bytes(job.FolderOf("one")).ShouldBe(Bytes(job.FolderOf("three")));
    }

    [Fact]
    public void What_a_dead_process_left_unfinished_is_swept_away()
    {
        var places = job.Places("swept");
        Directory.CreateDirectory(places.Work);
        // The name of a host and of a process that cannot be running.
        string left = new Imagery.Gdal.AtomicFile(Path.Combine(places.Work, "correlate-tile-x")).TemporaryPath.Replace($"-{Environment.ProcessId}-", "-999999999-");
        File.WriteAllText(left, "half");
        job.Run(TinyJob.Parameters, places);
        File.Exists(left).ShouldBeFalse();
    }

    /// <summary>All rasters and pictures of a result, name and content.</summary>
    private static string[] Bytes(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => !f.Contains(".gdm-work", StringComparison.Ordinal) && Path.GetExtension(f) is not ".json")
            .Select(f => $"{Path.GetRelativePath(folder, f)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}").Order().ToArray();

    private sealed class StopAfter(CancellationTokenSource stop, string stage, int reports) : IProgress<StageProgress>
    {
        private int _left = 2 * reports;

        public void Report(StageProgress value)
        {
            if (value.Kind == stage && --_left == 0)
                stop.Cancel();
        }
    }
}
