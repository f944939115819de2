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

    /// <summary>Folder of the uploads, shared by all nodes; empty: uploads/ in the data folder.</summary>
    public string Uploads { get; init; } = "";

    /// <summary>Largest upload, and largest file that is fetched for a job, megabytes; a whole product has up to about 900.</summary>
    public int UploadLimitMegabytes { get; init; } = 2000;

    public long UploadLimitBytes => UploadLimitMegabytes * 1_000_000L;

    /// <summary>Origins (https://host) from which jobs may fetch products.</summary>
    public IReadOnlyList<string> HrefAllow { get; init; } = [];

    /// <summary>Minutes that fetching one product may take.</summary>
    public double HrefMinutes { get; init; } = 60;

    /// <summary>Origins (https://host) that jobs may call back.</summary>
    public IReadOnlyList<string> CallbackAllow { get; init; } = [];

    /// <summary>Jobs of one owner that may be open at once.</summary>
    public int JobsPerOwner { get; init; } = 20;

    /// <summary>Who may use the service: 'off' (everybody, loopback only), 'keys', 'oidc', or both.</summary>
    public IReadOnlyList<string> Auth { get; init; } = ["off"];

    /// <summary>File of the API keys; empty: keys.json in the data folder.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>Address of the OpenID Connect issuer whose tokens are accepted.</summary>
    public string OidcIssuer { get; init; } = "";

    /// <summary>Audience that a token must be for.</summary>
    public string OidcAudience { get; init; } = "";

    /// <summary>Origins whose web pages may use the service from a browser.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Requests of one caller in a minute; 0: no limit.</summary>
    public int RequestsPerMinute { get; init; } = 6000;

    public bool AuthIsOn => AcceptsKeys || AcceptsTokens;

    public bool AcceptsKeys => Auth.Contains("keys");

    public bool AcceptsTokens => Auth.Contains("oidc");

    public string KeyFileIn(NodeSettings node) => KeyFile.Length > 0 ? KeyFile : Path.Combine(node.Data, "keys.json");

    /// <summary>Names of the settings as a file, the environment (GDM_ and upper case) and the options know them, each with its description.</summary>
    public static IReadOnlyDictionary<string, string> Names { get; } = new Dictionary<string, string>
    {
        ["products"] = "Folders with Sentinel-2 products that jobs may use by name, separated by commas [none].",
        ["uploads"] = "Folder of uploaded products, shared by all nodes [uploads/ in the data folder].",
        ["upload-limit"] = "Largest upload or fetched product, megabytes [2000].",
        ["href-allow"] = "Origins like https://host from which jobs may fetch products, separated by commas [none].",
        ["href-minutes"] = "Minutes that fetching one product may take [60].",
        ["callback-allow"] = "Origins like https://host that jobs may call back, separated by commas [none].",
        ["auth"] = "Who may use the service: off (everybody, on loopback only), keys, oidc, or keys,oidc [off].",
        ["key-file"] = "File of the API keys, written by 'gdm host key' [keys.json in the data folder].",
        ["oidc-issuer"] = "Address of the OpenID Connect issuer whose tokens are accepted.",
        ["oidc-audience"] = "Audience that a token must be for.",
        ["cors-origins"] = "Origins like https://host whose web pages may use the service, separated by commas [none].",
        ["requests-per-minute"] = "Requests of one caller in a minute, 0 for no limit [6000].",
        ["jobs-per-owner"] = "Jobs of one owner that may be open at once [20].",
        ["public-url"] = "Address by which clients reach the service, where a proxy stands before it [as clients ask].",
    };

    /// <summary>The settings with one value put over them; a reason is added when the value is wrong.</summary>
    public ServiceSettings With(string name, string value, string origin, ICollection<string> reasons)
    {
        switch (name)
        {
            case "products": return this with { Products = List(value) };
            case "public-url": return this with { PublicUrl = value };
            case "auth": return this with { Auth = List(value) };
            case "key-file": return this with { KeyFile = value };
            case "oidc-issuer": return this with { OidcIssuer = value };
            case "oidc-audience": return this with { OidcAudience = value };
            case "cors-origins": return this with { CorsOrigins = List(value) };
            case "requests-per-minute": return this with { RequestsPerMinute = Number(0, 10_000_000) };
            case "jobs-per-owner": return this with { JobsPerOwner = Number(1, 100_000) };
            case "uploads": return this with { Uploads = value };
            case "upload-limit": return this with { UploadLimitMegabytes = Number(1, 100_000) };
            case "href-allow": return this with { HrefAllow = List(value) };
            case "href-minutes": return this with { HrefMinutes = Number(1, 10_000) };
            case "callback-allow": return this with { CallbackAllow = List(value) };
            default:
                reasons.Add(string.Create(CultureInfo.InvariantCulture, $"There is no setting '{name}' ({origin}): the settings are {string.Join(", ", NodeSettings.Names.Concat(Names.Keys))}."));
                return this;
        }

        int Number(int least, int most)
        {
            if (int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
                return number;
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"The setting {name} is '{value}' ({origin}): give a whole number from {least} to {most}."));
            return least;
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
        foreach (var (setting, origins) in ((string, IReadOnlyList<string>)[])[("href-allow", HrefAllow), ("callback-allow", CallbackAllow), ("cors-origins", CorsOrigins)])
        {
            foreach (string origin in origins.Where(origin => !IsOrigin(origin)))
                faults.Add($"The setting {setting} holds '{origin}': give origins like https://host, without a path.");
        }

        if (Auth.Count == 0 || Auth.Any(way => way is not ("off" or "keys" or "oidc")) || (Auth.Contains("off") && Auth.Count > 1))
            faults.Add($"The setting auth is '{string.Join(',', Auth)}': give off, keys, oidc, or keys,oidc.");
        if (AcceptsTokens && !(Uri.TryCreate(OidcIssuer, UriKind.Absolute, out var issuer) && (issuer.Scheme == "https" || issuer.IsLoopback)))
            faults.Add("The setting auth asks for oidc, but oidc-issuer is not an https address: set GDM_OIDC_ISSUER to that of your issuer.");
        if (AcceptsTokens && OidcAudience.Length == 0)
            faults.Add("The setting auth asks for oidc, but oidc-audience is empty: set GDM_OIDC_AUDIENCE to the name under which your issuer knows this service.");
        if (!AuthIsOn && Uri.TryCreate(node.Listen, UriKind.Absolute, out var listen) && !listen.IsLoopback)
            faults.Add($"The service would listen on {node.Listen}, where others can reach it, without access control: set GDM_AUTH to keys (and make one with 'gdm host key create') or oidc, or listen on 127.0.0.1.");
        return faults;
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var origin) && origin.Scheme is "http" or "https" && new Uri(text) is { PathAndQuery: "/", UserInfo: "" };

    private static string[] List(string value) => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
