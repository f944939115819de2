using GdmOptEtq.Imagery.Products;
using GdmOptEtq.Science.Geometry;

namespace GdmOptEtq.Pipeline.ResultDocuments;

/// <summary>One raster of a result: what the documents beside it say about it.</summary>
/// <param name="Name">Relative to the result folder.</param>
/// <param name="Key">Its name in the STAC item, e.g. mean_displacement_ew.</param>
/// <param name="Title">What it is, in a few words.</param>
/// <param name="Options">Description with unit and sign, unit, value of "unknown".</param>
public sealed record ProductFile(string Name, string Key, string Title, GeoTiffOptions Options)
{
    /// <summary>East or South: where positive values point. Null for what has no direction.</summary>
    public string? Positive { get; init; }

    /// <summary>Colours that follow the values.</summary>
    public PreviewKind Kind { get; init; } = PreviewKind.Displacement;

    /// <summary>Colours that do not: codes, or a fixed range. Null: by <see cref="Kind"/>.</summary>
    public RasterColours? Colours { get; init; }

    /// <summary>Quantity = value * Scale + Offset, for values that are stored quantised.</summary>
    public (double Scale, double Offset)? Quantisation { get; init; }

    /// <summary>Known once it is written.</summary>
    public RasterStatistics? Statistics { get; init; }

    public RasterGrid? Grid { get; init; }

    /// <summary>float32, uint8 or uint16.</summary>
    public string DataType { get; init; } = "";

    /// <summary>Value that means "unknown", as STAC spells it; null when every value is known.</summary>
    public object? NoData => Options.NoData is { } value ? value : DataType.StartsWith("float", StringComparison.Ordinal) ? "nan" : null;

    public static string DataTypeOf<T>()
        where T : unmanaged =>
        Type.GetTypeCode(typeof(T).IsEnum ? Enum.GetUnderlyingType(typeof(T)) : typeof(T)) switch
        {
            TypeCode.Single => "float32",
            TypeCode.Byte => "uint8",
            TypeCode.UInt16 => "uint16",
            _ => throw new NotSupportedException($"There is no product of {typeof(T).Name}."),
        };
}
