using System.Runtime.InteropServices;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>Coordinates from one reference system to another (PROJ). East or longitude always comes first, whatever the authority's axis order.</summary>
public sealed unsafe class CoordinateTransform : IDisposable
{
    /// <summary>WGS 84, longitude and latitude in degrees.</summary>
    public const int Wgs84 = 4326;

    private readonly TransformHandle _transform;
    private readonly Lock _gate = new();

    /// <summary>From <paramref name="fromEpsg"/> to <paramref name="toEpsg"/>, e.g. 32633 (UTM 33 North) to 4326.</summary>
    /// <exception cref="GdalException">A number is not known, or no way leads from one to the other.</exception>
    public CoordinateTransform(int fromEpsg, int toEpsg)
    {
        GdalLibrary.EnsureLoaded();
        using var from = SpatialReferenceHandle.FromEpsg(fromEpsg);
        using var to = SpatialReferenceHandle.FromEpsg(toEpsg);
        _transform = Between(from, to, $"No transformation from EPSG:{fromEpsg} to EPSG:{toEpsg}");
    }

    private CoordinateTransform(TransformHandle transform) => _transform = transform;

    /// <summary>To a reference system that need not have a number.</summary>
    internal static CoordinateTransform ToWkt(int fromEpsg, string toWkt)
    {
        GdalLibrary.EnsureLoaded();
        using var from = SpatialReferenceHandle.FromEpsg(fromEpsg);
        using var to = SpatialReferenceHandle.FromWkt(toWkt);
        return new CoordinateTransform(Between(from, to, $"No transformation from EPSG:{fromEpsg} to {toWkt}"));
    }

    public (double X, double Y) Transform(double x, double y)
    {
        double z = 0;
        lock (_gate)
        {
            GdalErrors.Clear();
            if (NativeMethods.OCTTransform(_transform, 1, &x, &y, &z) == 0)
                throw GdalErrors.Exception($"The point ({x}, {y}) cannot be transformed");
        }

        return (x, y);
    }

    public void Dispose() => _transform.Dispose();

    private static TransformHandle Between(SpatialReferenceHandle from, SpatialReferenceHandle to, string complaint)
    {
        GdalErrors.Clear();
        var transform = NativeMethods.OCTNewCoordinateTransformation(from, to);
        return transform.IsInvalid ? throw GdalErrors.Exception(complaint) : transform;
    }

    /// <summary>The well-known text of an EPSG number; empty for 0.</summary>
    internal static string WktOf(int epsgCode)
    {
        if (epsgCode == 0)
            return "";
        GdalLibrary.EnsureLoaded();
        using var reference = SpatialReferenceHandle.FromEpsg(epsgCode);
        nint wkt = 0;
        GdalErrors.Clear();
        int result = NativeMethods.OSRExportToWkt(reference, &wkt);
        try
        {
            return result == 0 && wkt != 0
                ? Marshal.PtrToStringUTF8(wkt)!
                : throw GdalErrors.Exception($"EPSG:{epsgCode} cannot be written as text");
        }
        finally
        {
            NativeMethods.VSIFree(wkt);
        }
    }

    /// <summary>The EPSG number of a well-known text; 0 when it has none.</summary>
    internal static int EpsgOf(string wkt)
    {
        using var reference = NativeMethods.OSRNewSpatialReference(wkt);
        if (reference.IsInvalid)
            return 0;
        nint code = NativeMethods.OSRGetAuthorityCode(reference, null);
        if (code == 0)
        {
            _ = NativeMethods.OSRAutoIdentifyEPSG(reference);
            code = NativeMethods.OSRGetAuthorityCode(reference, null);
        }

        return int.TryParse(Marshal.PtrToStringUTF8(code), out int epsg) ? epsg : 0;
    }
}
