using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>One of the 13 bands of the MultiSpectral Instrument.</summary>
/// <param name="Name">As in file names: B01 to B12 and B8A.</param>
/// <param name="Id">The bandId of the metadata, 0 to 12; B8A is 8, between B08 and B09.</param>
/// <param name="ResolutionMetres">10, 20 or 60.</param>
public sealed record SafeBand(string Name, int Id, int ResolutionMetres)
{
    /// <summary>All bands in the order of their bandId.</summary>
    public static IReadOnlyList<SafeBand> All { get; } =
    [
        new("B01", 0, 60), new("B02", 1, 10), new("B03", 2, 10), new("B04", 3, 10), new("B05", 4, 20), new("B06", 5, 20), new("B07", 6, 20),
        new("B08", 7, 10), new("B8A", 8, 20), new("B09", 9, 60), new("B10", 10, 60), new("B11", 11, 20), new("B12", 12, 20),
    ];

    public static SafeBand B02 => All[1];

    public static SafeBand B03 => All[2];

    public static SafeBand B04 => All[3];

    public static SafeBand B08 => All[7];

    public static SafeBand B8A => All[8];

    /// <summary>The band called <paramref name="name"/>: B04, b4 and 4 all mean B04.</summary>
    /// <exception cref="InputException">There is no such band.</exception>
    public static SafeBand Parse(string name) =>
        Find(name) ?? throw new InputException($"There is no Sentinel-2 band '{name}': choose one of {string.Join(", ", All.Select(b => b.Name))}.");

    internal static SafeBand? Find(string name)
    {
        string digits = name.Trim().ToUpperInvariant();
        if (digits.StartsWith('B'))
            digits = digits[1..];
        string full = "B" + digits.PadLeft(2, '0');
        return All.FirstOrDefault(b => b.Name == full);
    }

    public override string ToString() => Name;
}
