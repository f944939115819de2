using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Geometry;

/// <summary>Outline of the ground seen by one detector: closed ring of (easting, northing) in the reference system of the tile, metres.</summary>
public sealed record DetectorPolygon(int Detector, IReadOnlyList<(double Easting, double Northing)> Ring);

/// <summary>
/// Which of the 12 detectors saw which ground, for one band of one acquisition: polygons (processing baseline before 04.00) or a raster of detector
/// numbers, 0 where none (from 04.00 on). Exactly one of the two is present.
/// </summary>
/// <param name="SensingTime">Polygons of acquisitions before 6 November 2018 overlap, and the middle of the overlap is the boundary.</param>
public sealed record DetectorFootprint(
    DateTimeOffset SensingTime, IReadOnlyList<DetectorPolygon>? Polygons, Raster<byte>? Detectors, RasterGrid? DetectorsGrid);
