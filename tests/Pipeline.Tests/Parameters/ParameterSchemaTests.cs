using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using GdmOptEtq.Pipeline.Parameters;
using GdmOptEtq.Science.Pairing;

namespace GdmOptEtq.Pipeline.Tests.Parameters;

public class ParameterSchemaTests
{
    private static readonly ParameterSchema<JobParameters> Schema = ParameterSchema<JobParameters>.Instance;

    public static TheoryData<string, string, string> Documented => new()
    {
        { "dem", "merit", "" },
        { "band", "B04", "B02, B03, B04, B08" },
        { "split-date", "", "yyyy-MM-dd" },
        { "minimum-matching-range", "1", "1 to 100 acquisitions" },
        { "maximum-matching-range", "5", "1 to 100 acquisitions" },
        { "matching-direction", "Forward", "Forward, Forward+Backward" },
        { "window-size", "3", "1 to 7" },
        { "decorrelation-threshold", "0.2", "0 to 1" },
        { "spatial-matching-range", "2", "1 to 20" },
        { "regularization", "0.3", "" },
        { "use-regularization-direction", "false", "true, false" },
        { "fault-direction", "0", "0 to 360" },
        { "snow-mask", "true", "true, false" },
        { "cloud-mask", "true", "true, false" },
        { "slope-mask-minimum", "80", "0 to 90" },
        { "slope-mask-maximum", "90", "0 to 90" },
        { "apply-correction", "true", "true, false" },
        { "jitter-correction", "true", "true, false" },
    };

    [Theory]
    [MemberData(nameof(Documented))]
    public void The_documented_parameters_keep_their_documented_defaults_and_ranges(string name, string defaultText, string range)
    {
        var parameter = Schema.Find(name).ShouldNotBeNull();
        parameter.DefaultText.ShouldBe(defaultText);
        parameter.RangeText.ShouldStartWith(range);
    }

    [Fact]
    public void Every_parameter_is_described_and_its_default_is_inside_its_range()
    {
        Schema.Refusals(new JobParameters()).ShouldBeEmpty();
        foreach (var parameter in Schema.Parameters)
        {
            parameter.Description.Length.ShouldBeGreaterThan(15, parameter.OptionName);
            parameter.Description.ShouldEndWith(".", Case.Sensitive, parameter.OptionName);
        }
    }

    [Fact]
    public void A_record_written_as_JSON_and_read_back_is_the_same()
    {
        var reasons = new List<string>();
        var record = Schema.Read(
            [new("splitDate", ["2019-07-05"]), new("window-size", ["5"]), new("matchingDirection", ["forward+backward"]), new("method", ["OpticalFlow"])], null, reasons);
        reasons.ShouldBeEmpty();
        record.Pairing.SplitDate.ShouldBe(new DateOnly(2019, 7, 5));
        record.Pairing.MatchingDirection.ShouldBe(MatchingDirection.ForwardBackward);
        record.Matching.Method.ShouldBe(MatchingMethod.OpticalFlow);
        var again = Schema.Read(ConfigurationFile.Parse(new JsonObject { ["parameters"] = ParameterDocuments.Json(record) }.ToJsonString(), "job.json"), null, reasons);
        reasons.ShouldBeEmpty();
        ParameterDocuments.Json(again).ToJsonString().ShouldBe(ParameterDocuments.Json(record).ToJsonString());
    }

    [Fact]
    public void YAML_and_JSON_say_the_same()
    {
        string yaml = "window-size: 5\nsplitDate: 2019-07-05\ndem: [a.tif, b.tif]\ntile: null\n", json = """{"windowSize": 5, "split-date": "2019-07-05", "dem": ["a.tif", "b.tif"], "tile": null}""";
        var reasons = new List<string>();
        string one = ParameterDocuments.Json(Schema.Read(ConfigurationFile.Parse(yaml, "a.yaml"), null, reasons)).ToJsonString();
        string other = ParameterDocuments.Json(Schema.Read(ConfigurationFile.Parse(json, "a.json"), null, reasons)).ToJsonString();
        reasons.ShouldBeEmpty();
        one.ShouldBe(other);
        one.ShouldContain("\"windowSize\":5");
    }

    [Fact]
    public void All_faults_are_named_at_once_each_with_its_remedy()
    {
        var reasons = new List<string>();
        Schema.Read(
            [new("window-sise", ["3"]), new("windowSize", ["8"]), new("decorrelation-threshold", ["1.1"]), new("split-date", ["5 July"]), new("band", ["B05"]), new("regularization", ["NaN"])],
            null, reasons);
        reasons.Count.ShouldBe(6);
        reasons[0].ShouldContain("Did you mean 'window-size'?");
        reasons[1].ShouldContain("from 1 to 7");
        reasons[2].ShouldContain("from 0 to 1");
        reasons[3].ShouldContain("yyyy-MM-dd");
        reasons[4].ShouldContain("one of B02, B03, B04, B08");
        reasons[5].ShouldContain("a number");
    }

    [Fact]
    public void Reading_leaves_the_defaults_alone()
    {
        var start = new JobParameters();
        Schema.Read([new("window-size", ["7"])], start, new List<string>()).Correlation.WindowSize.ShouldBe(7);
        start.Correlation.WindowSize.ShouldBe(3);
        new JobParameters().Correlation.WindowSize.ShouldBe(3);
    }

    [Fact]
    public void The_JSON_schema_has_every_parameter_and_admits_no_other()
    {
        var schema = ParameterDocuments.JsonSchema<JobParameters>();
        schema["additionalProperties"]!.GetValue<bool>().ShouldBeFalse();
        var properties = schema["properties"]!.AsObject();
        properties.Count.ShouldBe(Schema.Parameters.Count);
        properties["windowSize"]!["maximum"]!.GetValue<double>().ShouldBe(7);
        properties["splitDate"]!["format"]!.GetValue<string>().ShouldBe("date");
    }

    [Fact]
    public void Stages_that_name_a_parameter_alike_are_refused() =>
        Should.Throw<TypeInitializationException>(() => ParameterSchema<Clashing>.Instance.Parameters.Count).InnerException!.Message.ShouldContain("rename");

    [Theory]
    [InlineData("windw-size", "window-size")]
    [InlineData("spitl-date", "split-date")]
    [InlineData("spatial-matching", "spatial-matching-range")]
    [InlineData("zzz", null)]
    public void A_mistyped_name_suggests_the_nearest(string mistyped, string? expected) =>
        Suggestion.Nearest(mistyped, Schema.Parameters.Select(p => p.OptionName)).ShouldBe(expected);

    [Theory]
    [InlineData("{ \"windowSize\": ", "JSON")]
    [InlineData("window-size: [1", "YAML")]
    [InlineData("- 3", "name: value")]
    [InlineData("window-size: {a: 1}", "mapping")]
    public void A_broken_configuration_is_one_sentence(string text, string word) =>
        Should.Throw<Science.Rasters.InputException>(() => ConfigurationFile.Parse(text, "job.yaml")).Message.ShouldContain(word);

    public sealed record Clashing
    {
        public OneParameters One { get; init; } = new();

        public TwoParameters Two { get; init; } = new();
    }

    public sealed record OneParameters
    {
        [Range(0, 1)]
        [Description("The same name as in the other.")]
        public int Same { get; init; }
    }

    public sealed record TwoParameters
    {
        [Description("The same name as in the other.")]
        public int Same { get; init; }
    }
}
