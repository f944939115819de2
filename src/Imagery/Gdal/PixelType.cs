using System.Runtime.CompilerServices;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>How a pixel is stored; the numbers are GDAL's GDALDataType.</summary>
public enum PixelType
{
    Unknown = 0,
    Byte = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Float64 = 7,
}

internal static class PixelTypes
{
    /// <summary>The pixel type of <typeparamref name="T"/>; an enum (Validity) counts as the integer beneath it.</summary>
    public static PixelType Of<T>()
        where T : unmanaged
    {
        Type type = typeof(T).IsEnum ? Enum.GetUnderlyingType(typeof(T)) : typeof(T);
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Byte => PixelType.Byte,
            TypeCode.UInt16 => PixelType.UInt16,
            TypeCode.Int16 => PixelType.Int16,
            TypeCode.UInt32 => PixelType.UInt32,
            TypeCode.Int32 => PixelType.Int32,
            TypeCode.Single => PixelType.Float32,
            TypeCode.Double => PixelType.Float64,
            _ => throw new NotSupportedException($"Rasters of {typeof(T).Name} cannot be read or written."),
        };
    }

    public static int SizeOf(PixelType type) => type switch
    {
        PixelType.Byte => 1,
        PixelType.UInt16 or PixelType.Int16 => 2,
        PixelType.Float64 => 8,
        _ => 4,
    };

    public static bool IsFloat(PixelType type) => type is PixelType.Float32 or PixelType.Float64;

    public static int SizeOf<T>()
        where T : unmanaged => Unsafe.SizeOf<T>();
}
