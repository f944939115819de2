using System.Runtime.InteropServices;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>A GDALDatasetH that is closed at the latest by the garbage collector. A written file is closed by <see cref="CloseChecked"/>.</summary>
internal sealed class DatasetHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    /// <summary>Closes and throws what GDAL reported meanwhile: for GeoTIFF a full disk shows only here.</summary>
    public void CloseChecked(string doing)
    {
        if (IsInvalid || IsClosed)
            return;
        GdalErrors.Clear();
        Dispose();
        if (GdalErrors.Any)
            throw GdalErrors.Exception(doing);
    }

    protected override bool ReleaseHandle()
    {
        NativeMethods.GDALClose(handle);
        return true;
    }
}

/// <summary>A VSILFILE.</summary>
internal sealed class VsiHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => NativeMethods.VSIFCloseL(handle) == 0;
}

/// <summary>An open folder listing.</summary>
internal sealed class VsiDirectoryHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.VSICloseDir(handle);
        return true;
    }
}

/// <summary>An OGRSpatialReferenceH, always with x = East or longitude first.</summary>
internal sealed class SpatialReferenceHandle() : SafeHandle(0, ownsHandle: true)
{
    private const int TraditionalAxisOrder = 0;

    public override bool IsInvalid => handle == 0;

    public static SpatialReferenceHandle FromEpsg(int epsgCode)
    {
        GdalErrors.Clear();
        var reference = NativeMethods.OSRNewSpatialReference(null);
        if (NativeMethods.OSRImportFromEPSG(reference, epsgCode) != 0)
        {
            reference.Dispose();
            throw GdalErrors.Exception($"The reference system EPSG:{epsgCode} is not known");
        }

        NativeMethods.OSRSetAxisMappingStrategy(reference, TraditionalAxisOrder);
        return reference;
    }

    public static SpatialReferenceHandle FromWkt(string wkt)
    {
        GdalErrors.Clear();
        var reference = NativeMethods.OSRNewSpatialReference(wkt);
        if (reference.IsInvalid)
            throw GdalErrors.Exception("A reference system cannot be understood");
        NativeMethods.OSRSetAxisMappingStrategy(reference, TraditionalAxisOrder);
        return reference;
    }

    protected override bool ReleaseHandle()
    {
        NativeMethods.OSRRelease(handle);
        return true;
    }
}

/// <summary>An OGRCoordinateTransformationH.</summary>
internal sealed class TransformHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.OCTDestroyCoordinateTransformation(handle);
        return true;
    }
}

/// <summary>A NULL-terminated char** of "NAME=value" options, freed with the object.</summary>
internal sealed unsafe class StringList : IDisposable
{
    private readonly nint[] _strings;

    public StringList(params IEnumerable<string> items)
    {
        _strings = [.. items.Select(Marshal.StringToCoTaskMemUTF8)];
        Pointer = (nint)NativeMemory.AllocZeroed((nuint)_strings.Length + 1, (nuint)sizeof(nint));
        for (int i = 0; i < _strings.Length; i++)
            ((nint*)Pointer)[i] = _strings[i];
    }

    public nint Pointer { get; }

    public void Dispose()
    {
        foreach (nint text in _strings)
            Marshal.FreeCoTaskMem(text);
        NativeMemory.Free((void*)Pointer);
    }

    /// <summary>The strings of a char** owned by GDAL.</summary>
    public static List<string> Read(nint list)
    {
        var items = new List<string>();
        for (nint* next = (nint*)list; next is not null && *next != 0; next++)
            items.Add(Marshal.PtrToStringUTF8(*next) ?? "");
        return items;
    }
}
