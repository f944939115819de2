using System.Data.Common;
using System.Globalization;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Imagery.WorkStore;

namespace GdmOptEtq.Cluster.Diagnosis;

/// <summary>Looks at the parts that a cluster stands on. Never throws for what is wrong with them: that is what it reports.</summary>
/// <param name="policy">The cluster's patience.</param>
/// <param name="time">This machine's clock.</param>
public sealed class ClusterDiagnosis(JobPolicy policy, TimeProvider time)
{
    /// <summary>Clocks further apart than this confuse leases and the reader of logs.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    /// <summary>A folder with less left than this counts as full soon.</summary>
    public const long ScarceBytes = 5L << 30;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Broker reachable, queues as this program declares them, dead letters, queues that nobody serves.</summary>
    public static Task<IReadOnlyList<Finding>> BrokerAsync(IBus bus, CancellationToken cancellation) => LookAsync("broker", async patience =>
    {
        var findings = new List<Finding>();
        var depths = await bus.DepthsAsync(patience);
        findings.Add(Finding.Ok("broker", $"The broker answers; {depths.Where(depth => depth.Queue != Queues.Dead).Sum(depth => depth.Waiting)} messages wait."));
        foreach (var depth in depths)
        {
            if (depth.Queue == Queues.Dead && depth.Waiting > 0)
            {
                findings.Add(Finding.Warn(
                    "queues", $"{depth.Waiting} messages were rejected or returned too often and lie in {Queues.Dead}.",
                    $"Look at them with 'gdm ops queue peek {Queues.Dead}', mend what made them fail, then 'gdm ops queue requeue'."));
            }
            else if (depth.Queue != Queues.Dead && depth is { Waiting: > 0, Consumers: 0 })
            {
                findings.Add(Finding.Warn(
                    "queues", $"{depth.Waiting} messages wait in {depth.Queue}, and no process serves it.",
                    $"Start a {ServerOf(depth.Queue)}, or undrain one ('gdm ops cluster show')."));
            }
        }

        return findings;
    }, cancellation);

    /// <summary>Store reachable and of this program's version, and whether its clock agrees with ours.</summary>
    public Task<IReadOnlyList<Finding>> StoreAsync(IJobStore store, CancellationToken cancellation) => LookAsync("job-store", async patience =>
    {
        var (found, needed) = await store.VersionAsync(patience);
        var clock = await store.ClockAsync(patience);
        return
        [
            found == needed ? Finding.Ok("job-store", $"The job store answers and has version {found}.")
                : found == 0 ? Finding.Fault("job-store", "The job store answers, but has no tables.", "Run 'gdm host migrate' with the same settings.")
                : found < needed ? Finding.Fault("job-store", $"The job store has version {found}, this program needs {needed}.", "Run 'gdm host migrate' with the same settings.")
                : Finding.Warn("job-store", $"The job store has version {found}, newer than the {needed} of this program; both work together.", "Upgrade this program to end a rolling upgrade."),
            Clock("the job store's", clock - time.GetUtcNow()),
        ];
    }, cancellation);

    /// <summary>Whether a folder can be written, and what is left on its disk.</summary>
    public static Finding Folder(string check, string folder)
    {
        var missing = Missing(folder);
        string? fault = FolderProbe.Fault(folder, 1 << 20);
        long left = fault is null ? new DriveInfo(folder).AvailableFreeSpace : 0;
        RemoveEmpty(missing);
        if (fault is { } reason)
        {
            return Finding.Fault(
                check, $"The folder {folder} cannot be written: {reason}.",
                $"Mend the mount or its permissions, free some space ('gdm ops cache gc'), or name another folder with the setting {check}.");
        }

        string gigabytes = (left / 1e9).ToString("0.0", CultureInfo.InvariantCulture);
        return left < ScarceBytes
            ? Finding.Warn(check, $"The folder {folder} can be written, but only {gigabytes} GB are left.", "Free some space: 'gdm ops cache gc' removes what no job needs.")
            : Finding.Ok(check, $"The folder {folder} can be written; {gigabytes} GB are left.");
    }

    /// <summary>Whether somebody coordinates; nodes that fell silent, run another version, or whose clock is off.</summary>
    /// <param name="store">Must have its tables.</param>
    /// <param name="version">This program's version, against which the nodes' are held.</param>
    /// <param name="cancellation">Stops looking.</param>
    public Task<IReadOnlyList<Finding>> NodesAsync(IJobStore store, string version, CancellationToken cancellation) => LookAsync("nodes", async patience =>
    {
        var findings = new List<Finding>();
        var standing = await store.CoordinatorAsync(patience);
        findings.Add(standing is null
            ? Finding.Fault("coordinator", "No process coordinates: jobs wait.", "Start one with 'gdm host coordinator', or look at the log of the one that runs.")
            : Finding.Ok("coordinator", $"{standing.Holder} coordinates."));
        var nodes = await store.NodesAsync(patience);
        var now = time.GetUtcNow();
        var silent = nodes.Where(node => now - node.Seen > policy.Unreachable).ToList();
        foreach (var node in silent)
        {
            findings.Add(Finding.Warn(
                "nodes", $"{node.Heartbeat.Node} has not answered for {(now - node.Seen).TotalSeconds:0} s.",
                $"If it is gone for good, 'gdm ops node evict {node.Heartbeat.Node}' removes it from the list; otherwise look at its log and its network."));
        }

        var alive = nodes.Except(silent).ToList();
        findings.Add(alive.Count > 0
            ? Finding.Ok("nodes", $"{alive.Count} nodes answer.")
            : Finding.Fault("nodes", "No node answers.", "Start coordinator, correlation-worker and aggregator with 'gdm host'."));
        foreach (var group in alive.Where(node => node.Heartbeat.Version != version).GroupBy(node => node.Heartbeat.Version))
        {
            findings.Add(Finding.Warn(
                "versions", $"{string.Join(", ", group.Select(node => node.Heartbeat.Node))} run version {group.Key}, this program is {version}.",
                "In the middle of an upgrade that is well; otherwise bring all to the same version."));
        }

        foreach (var node in alive)
        {
            // A heartbeat is on its way for a moment, and the coordinator writes once a tick.
            if (node.Heartbeat.Sent is { } sent && (node.Seen - sent).Duration() > ClockTolerance + policy.Tick)
                findings.Add(Clock($"the node {node.Heartbeat.Node}'s", sent - node.Seen));
        }

        return findings;
    }, cancellation);

    /// <summary>The folder and those above it that do not exist, the deepest first.</summary>
    private static List<string> Missing(string folder)
    {
        var missing = new List<string>();
        for (string? part = folder; part is not null && !Directory.Exists(part); part = Path.GetDirectoryName(part))
            missing.Add(part);
        return missing;
    }

    // A look shall leave nothing behind: the folders that the probe made go again, as far as they are empty.
    private static void RemoveEmpty(IReadOnlyList<string> made)
    {
        try
        {
            foreach (string folder in made.Where(Directory.Exists))
                Directory.Delete(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody uses it by now.
        }
    }

    private static Finding Clock(string whose, TimeSpan ahead) => ahead.Duration() <= ClockTolerance
        ? Finding.Ok("clock", $"This clock and {whose} agree.")
        : Finding.Fault(
            "clock", $"{char.ToUpperInvariant(whose[0])}{whose[1..]} clock is {ahead.Duration().TotalSeconds:0} s {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} this one.",
            "Leases may be lost too early or kept too long: set both clocks by NTP (chrony, systemd-timesyncd).");

    private static string ServerOf(string queue) => queue switch
    {
        Queues.Coordinator => "coordinator",
        Queues.Prepare or Queues.Correlate => "correlation-worker",
        _ => "aggregator",
    };

    private static async Task<IReadOnlyList<Finding>> LookAsync(string check, Func<CancellationToken, Task<IReadOnlyList<Finding>>> look, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            return await look(patience.Token);
        }
        catch (Exception error) when (error is BusException or JobStoreException)
        {
            return [Finding.Fault(check, error.Message)];
        }
        catch (DbException error)
        {
            return [Finding.Fault(check, $"The job store refuses ({error.Message.Split('\n')[0].TrimEnd('.')}).", "Run 'gdm host migrate' with the same settings; if that does not help, look at the server's log.")];
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return [Finding.Fault(check, $"The {check} did not answer within {Patience.TotalSeconds:0} s.", "Check that it runs and that host and port are right.")];
        }
    }
}
