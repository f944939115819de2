using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Service.Http;

namespace GdmOptEtq.Service.Operations;

/// <summary>Who is in the cluster, and who shall leave it.</summary>
internal static class ClusterCommands
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly CommandArgument Node = new("node", "Name of the node, as 'cluster show' has it.", "node");

    public static IReadOnlyList<OperatorCommand> All { get; } =
    [
        OperatorCommand.Of<ClusterAnswer>(
            "cluster show", "Show every node: roles, state, what it works on, version, when it was last heard of.",
            "A node that misses four heartbeats (12 s by default) is shown as unreachable. Exit code 1 when nobody coordinates.",
            "gdm ops cluster show", ShowAsync),
        OperatorCommand.Of<AskedAnswer>(
            "node drain", "Let a node take no new work and hand back what it has.",
            "What it hands back goes to others and uses up no attempt; the process stays and can be undrained. Waits up to 10 s for the node's word.",
            "gdm ops node drain worker-1", call => OrderAsync(call, NodeOrder.Drain), [Node], acts: true),
        OperatorCommand.Of<AskedAnswer>(
            "node undrain", "Let a drained node take work again.",
            "Waits up to 10 s for the node's word.",
            "gdm ops node undrain worker-1", call => OrderAsync(call, NodeOrder.Undrain), [Node], acts: true),
        OperatorCommand.Of<AskedAnswer>(
            "node evict", "Drain a node and end its process; one that is unreachable is only taken off the list.",
            "No work is lost. Kubernetes starts an evicted pod again: scale down or drain the machine to be rid of it.",
            "gdm ops node evict worker-1", EvictAsync, [Node], acts: true, destructive: true),
    ];

    public static ClusterAnswer Describe(IReadOnlyList<StoredNode> nodes, CoordinatorStanding? standing, TimeSpan unreachable, DateTimeOffset now)
    {
        var lines = nodes.Select(node => new NodeAnswer(
            node.Heartbeat.Node, node.Heartbeat.Roles, State(node, standing, unreachable, now), node.Heartbeat.Slots,
            [.. node.Heartbeat.Running.Select(running => new RunningAnswer(running.Job.Value, running.Unit))],
            node.Heartbeat.Version, node.Heartbeat.Started, node.Seen, Math.Round((now - node.Seen).TotalSeconds, 1))).ToList();
        return new ClusterAnswer(standing?.Holder, lines.Count(line => line.State != "unreachable"), lines);
    }

    private static string State(StoredNode node, CoordinatorStanding? standing, TimeSpan unreachable, DateTimeOffset now)
    {
        var beat = node.Heartbeat;
        if (now - node.Seen > unreachable)
            return "unreachable";
        if (beat.Draining)
            return "draining";
        if (beat.Roles.Contains(NodeRoles.Coordinator))
            return standing?.Holder == beat.Node ? "coordinating" : "standby";
        if (beat.Roles.Contains(NodeRoles.Service))
            return "serving";
        return beat.Running.Count > 0 ? "working" : "idle";
    }

    private static async Task<OperatorAnswer> ShowAsync(OperatorCall call)
    {
        var standing = await call.Store.CoordinatorAsync(call.Cancellation);
        var answer = Describe(await call.Store.NodesAsync(call.Cancellation), standing, call.Node.Settings.Policy.Unreachable, call.Now);
        var rows = new List<string[]> { (string[])["node", "roles", "state", "work", "version", "heard of"] };
        foreach (var node in answer.Nodes)
        {
            string work = node.Slots == 0 ? "-" : $"{node.Running.Count} of {node.Slots}";
            rows.Add([node.Node, string.Join(',', node.Roles), node.State, work, OperatorText.Version(node.Version), OperatorText.Ago(TimeSpan.FromSeconds(node.SilentSeconds))]);
        }

        string head = standing is null
            ? $"{answer.Nodes.Count} nodes; NOBODY COORDINATES: jobs wait, and what is shown of the nodes is as old as the last coordinator.\n"
            : $"{answer.Nodes.Count} nodes, {answer.Reachable} reachable; {OperatorText.Clean(standing.Holder)} coordinates (term {standing.Term}).\n";
        return new OperatorAnswer(answer, head + OperatorText.Table(rows), standing is null ? 1 : 0);
    }

    private static async Task<OperatorAnswer> OrderAsync(OperatorCall call, NodeOrder order)
    {
        var node = await call.NodeAsync();
        string name = node.Heartbeat.Node, what = order == NodeOrder.Drain ? "drain" : "undrain";
        if (node.Heartbeat.Slots == 0)
            throw new ProblemException(Problem.Conflict($"{name} does no units of work, so there is nothing to {what}: only correlation workers and aggregators have any."));
        if (call.Now - node.Seen > call.Node.Settings.Policy.Unreachable)
            throw new ProblemException(Problem.Conflict($"{name} is unreachable and would not hear it: its work has gone to others already; 'gdm ops node evict {name}' takes it off the list."));
        await call.Bus.BroadcastAsync(new NodeControl(order, name, null), call.Cancellation);
        bool wanted = order == NodeOrder.Drain;
        var until = call.Now + Patience;
        bool done = false;
        while (!done && call.Now < until)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), call.Time, call.Cancellation);
            var beat = (await call.Store.NodesAsync(call.Cancellation)).FirstOrDefault(found => found.Heartbeat.Node == name)?.Heartbeat;
            done = beat is not null && beat.Draining == wanted && (!wanted || beat.Running.Count == 0);
        }

        string message = !done ? $"{name} was asked to {what}, but has not said yet that it did: 'gdm ops cluster show' tells when."
            : wanted ? $"{name} takes no work and has handed back what it had." : $"{name} takes work again.";
        return Asked(name, what, done, message);
    }

    private static async Task<OperatorAnswer> EvictAsync(OperatorCall call)
    {
        var node = await call.NodeAsync();
        string name = node.Heartbeat.Node;
        if (call.Now - node.Seen > call.Node.Settings.Policy.Unreachable)
        {
            await call.Store.ForgetNodeAsync(name, call.Cancellation);
            return Asked(name, "evict", true, $"{name} was unreachable and is off the list; should it come back, it shows again.");
        }

        await call.Bus.BroadcastAsync(new NodeControl(NodeOrder.Evict, name, null), call.Cancellation);
        return Asked(name, "evict", false, $"{name} was asked to hand back its work and end.");
    }

    private static OperatorAnswer Asked(string of, string asked, bool done, string message) => new(new AskedAnswer(of, asked, done, message), message + "\n");
}
