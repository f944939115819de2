namespace GdmOptEtq.Imagery.Gdal;

/// <summary>GDAL refused: what we were doing, and GDAL's own words.</summary>
public sealed class GdalException : IOException
{
    public GdalException(string doing, string gdalMessage)
        : base($"{doing}: GDAL says \"{gdalMessage}\".") => GdalMessage = gdalMessage;

    /// <summary>GDAL's message alone.</summary>
    public string GdalMessage { get; }
}
