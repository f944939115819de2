using System.Globalization;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Imagery.WorkStore;

namespace GdmOptEtq.Cluster;

/// <summary>
/// What a process of the cluster needs to know: from a file of cluster-config/, overridden by the environment (GDM_BUS, GDM_STORE, ...), overridden by
/// options. Never part of a job's result.
/// </summary>
public sealed record NodeSettings
{
    /// <summary>amqp://user:password@host:port/vhost; empty: channels inside this process.</summary>
    public string Bus { get; init; } = "";

    /// <summary>PostgreSQL connection string (Host=...); empty: a SQLite file in <see cref="Data"/>.</summary>
    public string Store { get; init; } = "";

    /// <summary>Folder of this installation: job database of the embedded form, work store and results unless named apart.</summary>
    public string Data { get; init; } = "gdm-data";

    /// <summary>Work store, shared by all nodes; empty: work/ in <see cref="Data"/>.</summary>
    public string Work { get; init; } = "";

    /// <summary>Where results go; empty: results/ in <see cref="Data"/>.</summary>
    public string Results { get; init; } = "";

    /// <summary>Folder or bucket of the named elevation data sets.</summary>
    public string DemRoot { get; init; } = "";

    /// <summary>Name of the process in the cluster; empty: host name and process id.</summary>
    public string Node { get; init; } = "";

    /// <summary>Units of work at once.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>Threads of one unit of work; 0: the cores divided by the slots.</summary>
    public int Threads { get; init; }

    /// <summary>Seconds after which the work of a silent node goes to another; all other periods of the cluster follow from it. The same on all nodes.</summary>
    public int Lease { get; init; } = 30;

    /// <summary>Collector of traces, http://host:4318 (OTLP over HTTP); empty: no traces.</summary>
    public string Traces { get; init; } = "";

    /// <summary>Address of the web server, http://host:port.</summary>
    public string Listen { get; init; } = "http://127.0.0.1:8080";

    public string NodeName => Node.Length > 0 ? Node : $"{Environment.MachineName}-{Environment.ProcessId}";

    public string WorkFolder => Path.GetFullPath(Work.Length > 0 ? Work : Path.Combine(Data, "work"));

    public string ResultsFolder => Path.GetFullPath(Results.Length > 0 ? Results : Path.Combine(Data, "results"));

    public int ThreadsPerUnit => Threads > 0 ? Threads : Math.Max(1, Environment.ProcessorCount / Slots);

    public JobPolicy Policy => JobPolicy.Of(TimeSpan.FromSeconds(Lease));

    /// <summary>Names of the settings as a file, the environment (GDM_ and upper case) and the options know them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["bus", "store", "data", "work", "results", "dem-root", "node", "slots", "threads", "lease", "traces", "listen"];

    /// <summary>The settings with one value put over them; a reason is added when the name or the value is wrong.</summary>
    public NodeSettings With(string name, string value, string origin, ICollection<string> reasons)
    {
        switch (name)
        {
            case "bus": return this with { Bus = value };
            case "store": return this with { Store = value };
            case "data": return this with { Data = value };
            case "work": return this with { Work = value };
            case "results": return this with { Results = value };
            case "dem-root": return this with { DemRoot = value };
            case "node": return this with { Node = value };
            case "slots": return this with { Slots = Number(1, 256) };
            case "threads": return this with { Threads = Number(0, 256) };
            case "lease": return this with { Lease = Number(3, 3600) };
            case "traces": return this with { Traces = value };
            case "listen": return this with { Listen = value };
            default:
                reasons.Add($"There is no setting '{name}' ({origin}): the settings are {string.Join(", ", Names)}.");
                return this;
        }

        int Number(int least, int most)
        {
            if (int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
                return number;
            reasons.Add($"The setting {name} is '{value}' ({origin}): give a whole number from {least} to {most}.");
            return least;
        }
    }

    /// <summary>Everything that is wrong with the settings for the given roles, one sentence each with its remedy.</summary>
    public IReadOnlyList<string> Faults(IReadOnlyCollection<string> roles)
    {
        var faults = new List<string>();
        bool embedded = roles.Count > 1;
        if (Bus.Length == 0 && !embedded)
            faults.Add("The setting bus is empty, but a single role needs a broker: set GDM_BUS to amqp://user:password@host:5672/, or run 'gdm host all'.");
        if (Bus.Length > 0 && !(Uri.TryCreate(Bus, UriKind.Absolute, out var bus) && bus.Scheme is "amqp" or "amqps"))
            faults.Add("The setting bus is not an address like amqp://user:password@host:5672/: mend GDM_BUS.");
        if (Bus.Length > 0 && Store.Length == 0 && (roles.Contains(Messages.NodeRoles.Coordinator) || roles.Contains(Messages.NodeRoles.Service)))
            faults.Add("The setting store is empty, but several processes need one database: set GDM_STORE to 'Host=...;Username=...;Password=...;Database=...'.");
        if (!Uri.TryCreate(Listen, UriKind.Absolute, out var listen) || listen.Scheme != "http")
            faults.Add($"The setting listen is '{Listen}': give an address like http://127.0.0.1:8080.");
        if (Traces.Length > 0 && !(Uri.TryCreate(Traces, UriKind.Absolute, out var traces) && traces.Scheme is "http" or "https"))
            faults.Add($"The setting traces is '{Traces}': give the address of a collector like http://127.0.0.1:4318, or leave it out.");
        foreach (string place in (string[])[Data, Work, Results])
        {
            if (place.StartsWith("/vsi", StringComparison.Ordinal) || place.Contains("://", StringComparison.Ordinal))
                faults.Add($"'{place}' is a bucket, but work and results need a folder whose files can be renamed: name one that all nodes mount (NFS, a shared volume).");
        }

        if (faults.Count > 0)
            return faults;
        foreach (string folder in (string[])[WorkFolder, ResultsFolder])
        {
            if (FolderProbe.Fault(folder) is { } reason)
                faults.Add($"The folder {folder} cannot be written ({reason}): name another with the settings work, results or data.");
        }

        return faults;
    }
}
