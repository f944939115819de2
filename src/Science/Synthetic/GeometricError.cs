using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Synthetic;

/// <summary>
/// The geolocation error of one image, drawn once from a seed: shift, ramp, one step per detector, and jitter as a function of the time at which a detector
/// saw the ground. A feature whose true place is p appears at p + E, E to the East and to the South in pixels.
/// Model and figures: <c>specs/corrections.md</c> section 14.2; track frame of its section 5.3.
/// </summary>
public sealed class GeometricError
{
    public const double GroundSpeedMetresPerSecond = 6700;
    public const int DetectorCount = 12;

    private readonly GeometricErrorParameters _parameters;
    private readonly double _centreEasting, _centreNorthing, _halfExtent;
    private readonly double _sin, _cos;
    private readonly double _firstBoundary;
    private readonly double _shiftX, _shiftY;
    private readonly double _rampXEast, _rampXSouth, _rampYEast, _rampYSouth;
    private readonly double[] _stepX = new double[DetectorCount + 1], _stepY = new double[DetectorCount + 1];
    private readonly Sine[] _jitterX, _jitterY;
    private readonly double _oddLagSeconds;

    /// <param name="scene">Extent over which the ramp runs from -1 to 1 and in the middle of which the middle detectors lie.</param>
    /// <param name="seed">Of the scene; sets where the detector boundaries lie.</param>
    /// <param name="image">Number of the image: each has its own errors.</param>
    public GeometricError(GeometricErrorParameters parameters, RasterGrid scene, ulong seed, int image)
    {
        _parameters = parameters;
        _centreEasting = scene.Easting(0.5 * scene.Width);
        _centreNorthing = scene.Northing(0.5 * scene.Height);
        _halfExtent = 0.5 * scene.PixelSizeMetres * Math.Max(scene.Width, scene.Height);
        (_sin, _cos) = Math.SinCos(parameters.TrackAngleDegrees * Math.PI / 180);

        var common = new SeededSequence(SeededNoise.Stream(seed, 0xDE7EC7));
        var own = new SeededSequence(SeededNoise.Stream(seed, 0x1000 + (ulong)image));
        _firstBoundary = (common.Uniform(-0.5, 0.5) - DetectorCount / 2) * parameters.DetectorWidthMetres + own.Normal() * parameters.DetectorDriftMetres;
        _oddLagSeconds = parameters.JitterPhase == JitterPhase.Shifted ? common.Uniform(36000, 44000) / GroundSpeedMetresPerSecond : 0;
        _shiftX = own.Normal() * parameters.ShiftPixels;
        _shiftY = own.Normal() * parameters.ShiftPixels;
        (_rampXEast, _rampXSouth) = RampDirection(own.Uniform(0, 2 * Math.PI));
        (_rampYEast, _rampYSouth) = RampDirection(own.Uniform(0, 2 * Math.PI));
        for (int detector = 1; detector <= DetectorCount; detector++)
        {
            _stepX[detector] = own.Normal() * parameters.DetectorStepPixels;
            _stepY[detector] = own.Normal() * parameters.DetectorStepPixels;
        }

        _jitterX = Jitter(own);
        _jitterY = Jitter(own);
    }

    /// <summary>Distance across the track, metres, positive to its eastern side, from the middle of the scene.</summary>
    public double AcrossTrack(double easting, double northing) => (easting - _centreEasting) * _cos - (northing - _centreNorthing) * _sin;

    /// <summary>Distance along the track in flight direction (southwards), metres, from the middle of the scene.</summary>
    public double AlongTrack(double easting, double northing) => -(northing - _centreNorthing) * _cos - (easting - _centreEasting) * _sin;

    /// <summary>Number of the detector, 1 to 12 from West to East, that saw this ground.</summary>
    public int Detector(double easting, double northing) => Math.Clamp(
        1 + (int)Math.Floor((AcrossTrack(easting, northing) - _firstBoundary) / _parameters.DetectorWidthMetres), 1, DetectorCount);

    /// <summary>Error of the image at this place, pixels: East positive, South positive.</summary>
    public (double Dx, double Dy) At(double easting, double northing)
    {
        double east = (easting - _centreEasting) / _halfExtent, south = (_centreNorthing - northing) / _halfExtent;
        int detector = Detector(easting, northing);
        double time = AlongTrack(easting, northing) / GroundSpeedMetresPerSecond + ((detector & 1) == 1 ? _oddLagSeconds : 0);
        return (
            _shiftX + _rampXEast * east + _rampXSouth * south + _stepX[detector] + Sum(_jitterX, time),
            _shiftY + _rampYEast * east + _rampYSouth * south + _stepY[detector] + Sum(_jitterY, time));
    }

    /// <summary>Detector number of each pixel of <paramref name="grid"/>.</summary>
    public Raster<byte> DetectorMap(RasterGrid grid)
    {
        var map = new Raster<byte>(grid.Width, grid.Height);
        for (int y = 0; y < grid.Height; y++)
        {
            for (int x = 0; x < grid.Width; x++)
                map[x, y] = (byte)Detector(grid.Easting(x + 0.5), grid.Northing(y + 0.5));
        }

        return map;
    }

    /// <summary>
    /// The footprints as products deliver them: up to baseline 04.00 polygons, which overlap for images before 6 November 2018 and whose boundary is then the
    /// middle of the overlap; afterwards a raster.
    /// </summary>
    public DetectorFootprint Footprint(RasterGrid grid, DateTimeOffset sensingTime, bool asRaster)
    {
        if (asRaster)
            return new DetectorFootprint(sensingTime, null, DetectorMap(grid), grid);
        double overlap = sensingTime < new DateTimeOffset(2018, 11, 6, 0, 0, 0, TimeSpan.Zero) ? _parameters.DetectorOverlapMetres : 0;
        (double, double)[] frame =
        [
            (grid.OriginX, grid.OriginY), (grid.Easting(grid.Width), grid.OriginY),
            (grid.Easting(grid.Width), grid.Northing(grid.Height)), (grid.OriginX, grid.Northing(grid.Height)),
        ];
        var polygons = new List<DetectorPolygon>();
        for (int detector = 1; detector <= DetectorCount; detector++)
        {
            double west = _firstBoundary + (detector - 1) * _parameters.DetectorWidthMetres - 0.5 * overlap;
            double east = west + _parameters.DetectorWidthMetres + overlap;

            // The outermost detectors see everything beyond, as Detector() has it.
            IReadOnlyList<(double Easting, double Northing)> ring = frame;
            if (detector > 1)
                ring = Clip(ring, west, 1);
            if (detector < DetectorCount)
                ring = Clip(ring, east, -1);
            if (ring.Count >= 3)
                polygons.Add(new DetectorPolygon(detector, [.. ring, ring[0]]));
        }

        return new DetectorFootprint(sensingTime, polygons, null, null);
    }

    /// <summary>The part of a convex ring on one side of a line along the track (Sutherland and Hodgman 1974).</summary>
    private List<(double Easting, double Northing)> Clip(IReadOnlyList<(double Easting, double Northing)> ring, double across, int side)
    {
        var kept = new List<(double, double)>();
        for (int i = 0; i < ring.Count; i++)
        {
            var (a, b) = (ring[i], ring[(i + 1) % ring.Count]);
            double da = side * (AcrossTrack(a.Easting, a.Northing) - across), db = side * (AcrossTrack(b.Easting, b.Northing) - across);
            if (da >= 0)
                kept.Add(a);
            if ((da > 0 && db < 0) || (da < 0 && db > 0))
            {
                double t = da / (da - db);
                kept.Add((a.Easting + t * (b.Easting - a.Easting), a.Northing + t * (b.Northing - a.Northing)));
            }
        }

        return kept;
    }

    private (double East, double South) RampDirection(double angle) =>
        (_parameters.RampPixels * Math.Cos(angle), _parameters.RampPixels * Math.Sin(angle));

    private Sine[] Jitter(SeededSequence draws)
    {
        double phase1 = draws.Uniform(0, 2 * Math.PI), phase2 = draws.Uniform(0, 2 * Math.PI);
        return _parameters.JitterPhase == JitterPhase.None
            ? []
            :
            [
                new Sine(_parameters.JitterPixels, 2 * Math.PI * GroundSpeedMetresPerSecond / _parameters.JitterWavelengthMetres, phase1),
                new Sine(_parameters.SecondJitterPixels, 2 * Math.PI * GroundSpeedMetresPerSecond / _parameters.SecondJitterWavelengthMetres, phase2),
            ];
    }

    private static double Sum(Sine[] sines, double time)
    {
        double sum = 0;
        foreach (var sine in sines)
            sum += sine.Amplitude * Math.Sin(sine.RadiansPerSecond * time + sine.Phase);
        return sum;
    }

    private readonly record struct Sine(double Amplitude, double RadiansPerSecond, double Phase);
}
