using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Mosaicking;

/// <summary>Puts the cores of tiles together, one row of tiles at a time, so that a whole field need never be in memory.</summary>
public static class Mosaic
{
    /// <summary>The core part of a field computed on a padded window; both windows in pixels of the image.</summary>
    public static DisplacementField CoreOf(DisplacementField padded, Window paddedWindow, Window core)
    {
        if (padded.Width != paddedWindow.Width || padded.Height != paddedWindow.Height)
            throw new ArgumentException($"A field of {padded.Width} x {padded.Height} does not fill the window {paddedWindow}.", nameof(padded));
        return padded.Crop(core.RelativeTo(paddedWindow));
    }

    /// <summary>
    /// Joins cores of equal height into the rows <paramref name="band"/> of the image. A core that is null failed after all its attempts: its pixels
    /// stay NaN and carry <see cref="Validity.TileFailed"/>.
    /// </summary>
    public static DisplacementField Join(Window band, IEnumerable<(Window Core, DisplacementField? Field)> cores)
    {
        var joined = DisplacementField.Empty(band.Width, band.Height, Validity.TileFailed);
        foreach (var (core, field) in cores)
        {
            if (!band.Contains(core))
                throw new ArgumentException($"The core {core} is not inside the band {band}.", nameof(cores));
            if (field is not null)
                joined.Paste(field, new Window(0, 0, core.Width, core.Height), core.X - band.X, core.Y - band.Y);
        }

        return joined;
    }
}
