using System.Globalization;
using GdmOptEtq.Cluster;

namespace GdmOptEtq.Service;

/// <summary>
/// What the role service needs to know beside <see cref="NodeSettings"/>; read from the same file, environment and options. Lists are separated by commas.
/// </summary>
public sealed record ServiceSettings
{
    /// <summary>Folders whose Sentinel-2 products may be used by name; nothing outside them (and the uploads) is opened for a request.</summary>
    public IReadOnlyList<string> Products { get; init; } = [];

    /// <summary>Address by which clients reach the service, where it differs from the one they seem to use (proxy); empty: as they ask.</summary>
    public string PublicUrl { get; init; } = "";

    /// <summary>Names of the settings as a file, the environment (GDM_ and upper case) and the options know them, each with its description.</summary>
    public static IReadOnlyDictionary<string, string> Names { get; } = new Dictionary<string, string>
    {
        ["products"] = "Folders with Sentinel-2 products that jobs may use by name, separated by commas [none].",
        ["public-url"] = "Address by which clients reach the service, where a proxy stands before it [as clients ask].",
    };

    /// <summary>The settings with one value put over them; a reason is added when the value is wrong.</summary>
    public ServiceSettings With(string name, string value, string origin, ICollection<string> reasons)
    {
        switch (name)
        {
            case "products": return this with { Products = List(value) };
            case "public-url": return this with { PublicUrl = value };
            default:
                reasons.Add(string.Create(CultureInfo.InvariantCulture, $"There is no setting '{name}' ({origin}): the settings are {string.Join(", ", NodeSettings.Names.Concat(Names.Keys))}."));
                return this;
        }
    }

    /// <summary>Everything that is wrong, one sentence each with its remedy.</summary>
    public IReadOnlyList<string> Faults(NodeSettings node)
    {
        var faults = new List<string>();
        foreach (string folder in Products.Where(folder => !Directory.Exists(folder)))
            faults.Add($"The products folder {folder} does not exist: mend the setting products.");
        if (PublicUrl.Length > 0 && !(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            faults.Add($"The setting public-url is '{PublicUrl}': give an address like https://displacement.example.org.");
        _ = node;
        return faults;
    }

    private static string[] List(string value) => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
