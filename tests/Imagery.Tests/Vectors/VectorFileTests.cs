using GdmOptEtq.Imagery.Vectors;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Tests.Vectors;

public sealed class VectorFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("gdm-vectors").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Write(string text)
    {
        string path = Path.Combine(folder, "trace.geojson");
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void Lines_in_degrees_come_back_in_metres_of_the_result()
    {
        string path = Write("""
            {"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":
            {"type":"LineString","coordinates":[[-117.0,35.0],[-117.5,35.7,120.0]]}}]}
            """);

        var line = VectorFile.ReadLines(path, 32611).ShouldHaveSingleItem();

        line[0].Easting.ShouldBe(500000, 0.01);
        line[0].Northing.ShouldBe(3873043, 1);
        line[1].Easting.ShouldBe(454754, 50);
    }

    [Fact]
    public void Coordinates_of_the_result_itself_and_a_named_system_are_understood()
    {
        var metres = VectorFile.ReadLines(Write("""{"type":"LineString","coordinates":[[450000,3900000],[460000,3910000]]}"""), 32611);
        metres.ShouldHaveSingleItem()[1].ShouldBe((460000, 3910000));
        var named = VectorFile.ReadLines(Write("""
            {"type":"MultiLineString","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32611"}},
            "coordinates":[[[450000,3900000],[460000,3910000]],[[1,2],[3,4]]]}
            """), 32611);
        named.Count.ShouldBe(2);
        named[0][0].ShouldBe((450000, 3900000));
    }

    [Fact]
    public void Kml_lines_and_polygons_are_read()
    {
        string path = Write("""
            <?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><LineString><coordinates>
            -117.0,35.0,0 -117.5,35.7,0 </coordinates></LineString></Placemark></kml>
            """);
        VectorFile.ReadLines(path, 32611).ShouldHaveSingleItem().Count.ShouldBe(2);
        VectorFile.ReadPolygons(Write("""{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"""), 4326).ShouldHaveSingleItem().Count.ShouldBe(4);
    }

    [Theory]
    [InlineData("{ not json", "is not valid GeoJSON")]
    [InlineData("[1, 2]", "is JSON but not GeoJSON")]
    [InlineData("""{"type":"LineString"}""", "is JSON but not GeoJSON")]
    [InlineData("""{"type":"LineString","coordinates":[["a","b"]]}""", "is JSON but not GeoJSON")]
    [InlineData("""{"type":"LineString","coordinates":[[1]]}""", "is JSON but not GeoJSON")]
    [InlineData("""{"type":"LineString","coordinates":[5,6]}""", "is JSON but not GeoJSON")]
    [InlineData("""{"type":"Point","coordinates":[1,2]}""", "holds no line")]
    [InlineData("""{"type":"FeatureCollection","features":[]}""", "holds no line")]
    [InlineData("<kml", "neither valid GeoJSON nor valid KML")]
    public void Whatever_is_wrong_is_one_sentence(string text, string words)
    {
        string sentence = Should.Throw<InputException>(() => VectorFile.ReadLines(Write(text), 32611)).Message;
        sentence.ShouldContain(words);
        sentence.ShouldNotContain("\n");
    }

    [Fact]
    public void A_missing_file_is_one_sentence() =>
        Should.Throw<InputException>(() => VectorFile.ReadLines(Path.Combine(folder, "none.geojson"), 32611)).Message.ShouldContain("cannot be read");
}
