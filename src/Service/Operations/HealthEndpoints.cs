using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GdmOptEtq.Service.Operations;

/// <summary>
/// What Kubernetes and Prometheus ask a node: <c>/health/startup</c> (the process is up), <c>/health/live</c> (not deadlocked; never asks broker or
/// database, whose absence a restart would not mend), <c>/health/ready</c> (takes work), <c>/metrics</c>.
/// </summary>
public static class HealthEndpoints
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    public static void MapHealth(this IEndpointRouteBuilder routes, ClusterNode node, PrometheusText metrics)
    {
        routes.MapGet("/health/startup", () => Results.Text("started")).AllowEverybody();
        routes.MapGet("/health/live", () => Results.Text("live")).AllowEverybody();
        routes.MapGet("/health/ready", () => node.IsReady ? Results.Text("ready") : Results.Text("draining", statusCode: StatusCodes.Status503ServiceUnavailable)).AllowEverybody();
        routes.MapGet("/metrics", async (CancellationToken cancellation) => Results.Text(metrics.Write(await GaugesAsync(node, cancellation)), "text/plain; version=0.0.4")).AllowEverybody();
    }

    // A broker or a store that is away is itself a measurement; the scrape must not fail for it.
    private static async Task<List<(string, string, double)>> GaugesAsync(ClusterNode node, CancellationToken cancellation)
    {
        var gauges = new List<(string, string, double)> { ("gdm_units_running", "", node.RunningUnits) };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_patience);
        if (node.KnowsStore)
        {
            gauges.Add(("gdm_store_up", "", await TryAsync(async () =>
            {
                var open = await node.Store.ListAsync(new JobQuery { Phases = [JobPhase.Accepted, JobPhase.Running], Limit = 10000 }, patience.Token);
                foreach (var phase in (JobPhase[])[JobPhase.Accepted, JobPhase.Running])
                    gauges.Add(("gdm_jobs", $"state=\"{phase.ToString().ToLowerInvariant()}\"", open.Count(job => job.Phase == phase)));
                gauges.Add(("gdm_units_open", "", open.Sum(job => job.UnitsTotal - job.UnitsDone)));
            })));
        }

        gauges.Add(("gdm_bus_up", "", await TryAsync(async () =>
        {
            foreach (var depth in await node.Bus.DepthsAsync(patience.Token))
                gauges.Add(("gdm_queue_depth", $"queue=\"{depth.Queue}\"", depth.Waiting));
        })));
        return gauges;
    }

    private static async Task<double> TryAsync(Func<Task> measure)
    {
        try
        {
            await measure();
            return 1;
        }
        catch (Exception)
        {
            return 0;
        }
    }
}
