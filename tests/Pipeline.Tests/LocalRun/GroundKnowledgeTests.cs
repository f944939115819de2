using GdmOptEtq.Pipeline.Stages;

namespace GdmOptEtq.Pipeline.Tests.LocalRun;

public class GroundKnowledgeTests(TinyJob job) : IClassFixture<TinyJob>
{
    private const string Epsg = """ "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32611" } } """;
    private const string Trace = $$"""{ "type": "LineString", "coordinates": [[400000, 3998900], [402000, 3998900]], {{Epsg}} }""";
    private const string Area = $$"""{ "type": "Polygon", "coordinates": [[[400000, 3999900], [402300, 3999900], [402300, 3999100], [400000, 3999900]]], {{Epsg}} }""";

    private string Write(string name, string text)
    {
        string path = job.FolderOf(name);
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void Trace_and_stable_area_decide_what_is_corrected_and_nothing_before_it()
    {
        var places = job.Places("ground");
        job.Run(TinyJob.With(("fault-trace-buffer", "0.1")), places);
        string trace = Write("trace.geojson", Trace), area = Write("area.geojson", Area);
        var with = TinyJob.With(("fault-trace-buffer", "0.1"), ("fault-trace", trace), ("stable-area", area));
        Executed(job.Run(with, places)).ShouldBe(["correct-pair", "filter-pair", "summarise-stack"], ignoreOrder: true);

        // What counts is what the file says, not what it is called.
        var renamed = TinyJob.With(("fault-trace-buffer", "0.1"), ("fault-trace", Write("same.geojson", Trace)), ("stable-area", area));
        Executed(job.Run(renamed, places)).ShouldBeEmpty();

        var (plain, restricted) = (job.Plan(TinyJob.Parameters, places), job.Plan(with, places));
        plain.Ground.Exclusions.FaultTraces.ShouldBeEmpty();
        restricted.Ground.Exclusions.FaultTraces.ShouldHaveSingleItem().ShouldBe([(400000, 3998900), (402000, 3998900)]);
        restricted.Ground.Exclusions.StableAreas.ShouldHaveSingleItem().Count.ShouldBe(4);

        static string[] Executed((Pipeline.LocalRun.JobResult, IReadOnlyDictionary<string, StageRecord> Stages) run) =>
            [.. run.Stages.Values.Where(s => s.Executed > 0 && s.Stage != WriteProducts.Stage).Select(s => s.Stage)];
    }

    [Theory]
    [InlineData("fault-trace", null, "There is no file")]
    [InlineData("stable-area", null, "There is no file")]
    [InlineData("fault-trace", "{ \"type\": ", "is not valid GeoJSON")]
    [InlineData("fault-trace", Area, "holds no line")]
    [InlineData("stable-area", Trace, "holds no polygon")]
    [InlineData("fault-trace", """{ "type": "LineString", "coordinates": [[13.0, 42.0], [13.2, 42.8]] }""", "lies outside the tile")]
    [InlineData("stable-area", """{ "type": "Polygon", "coordinates": [[[13.0, 42.0], [13.2, 42.8], [13.2, 42.0], [13.0, 42.0]]] }""", "lies outside the tile")]
    public void A_file_that_cannot_serve_is_refused_in_one_sentence_before_anything_runs(string option, string? text, string words)
    {
        string path = text is null ? job.FolderOf("missing.geojson") : Write(Guid.NewGuid().ToString("N") + ".geojson", text);
        var outcome = Planner.Plan(TinyJob.With((option, path)), job.Products, job.Places("refused"), 2);
        outcome.Plan.ShouldBeNull();
        outcome.Refusals.ShouldHaveSingleItem().ShouldSatisfyAllConditions(sentence => sentence.ShouldContain(words), sentence => sentence.ShouldContain(path));
    }
}
