using GdmOptEtq.Imagery.Gdal;

namespace GdmOptEtq.Imagery.Tests.Gdal;

public sealed class CoordinateTransformTests
{
    [Fact]
    public void The_central_meridian_of_a_utm_zone_has_easting_500_000()
    {
        using var toUtm = new CoordinateTransform(CoordinateTransform.Wgs84, 32633);
        var (easting, northing) = toUtm.Transform(15, 0);
        easting.ShouldBe(500_000, 1e-6);
        northing.ShouldBe(0, 1e-6);
    }

    [Fact]
    public void There_and_back_is_the_same_place()
    {
        using var toUtm = new CoordinateTransform(CoordinateTransform.Wgs84, 32733);
        using var back = new CoordinateTransform(32733, CoordinateTransform.Wgs84);
        var (easting, northing) = toUtm.Transform(13.4, -22.7);
        northing.ShouldBeInRange(7_000_000, 8_000_000);
        var (longitude, latitude) = back.Transform(easting, northing);
        longitude.ShouldBe(13.4, 1e-9);
        latitude.ShouldBe(-22.7, 1e-9);
    }

    [Fact]
    public void An_unknown_number_is_named_in_the_error() =>
        Should.Throw<GdalException>(() => new CoordinateTransform(4326, 999_999)).Message.ShouldContain("EPSG:999999");
}
