namespace GdmOptEtq.Science.Rasters;

/// <summary>Unit of a parameter, as help texts, forms and the parameter table print it: px, degrees, m, acquisitions.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnitAttribute(string unit) : Attribute
{
    public string Unit { get; } = unit;
}
