using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Bus;
using GdmOptEtq.Cluster.Diagnosis;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Pipeline;
using GdmOptEtq.Science.Rasters;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Cli.Operator;

/// <summary>Tries everything that a process with the given settings would need, without the service.</summary>
/// <param name="time">This machine's clock.</param>
internal sealed class Doctor(TimeProvider time)
{
    public async Task<HealthAnswer> ExamineAsync(NodeSettings settings, CancellationToken cancellation)
    {
        var diagnosis = new ClusterDiagnosis(settings.Policy, time);
        List<Finding> findings =
        [
            Gdal(),
            .. await BrokerAsync(settings, cancellation),
            .. await StoreAsync(settings, diagnosis, cancellation),
            ClusterDiagnosis.Folder("work", settings.WorkFolder),
            ClusterDiagnosis.Folder("results", settings.ResultsFolder),
        ];
        return new HealthAnswer(findings.All(finding => finding.Level != Finding.Bad), findings);
    }

    private static Finding Gdal()
    {
        try
        {
            return Finding.Ok("gdal", $"GDAL {JobRecord.GdalVersion} is loaded.");
        }
        catch (Exception error) when (error is InputException or DllNotFoundException)
        {
            return Finding.Fault("gdal", error.Message);
        }
    }

    private static async Task<IReadOnlyList<Finding>> BrokerAsync(NodeSettings settings, CancellationToken cancellation)
    {
        if (settings.Bus.Length == 0)
            return [Finding.Ok("broker", "No broker is named: right for 'gdm host all', too little for a single role (GDM_BUS).")];
        if (!Uri.TryCreate(settings.Bus, UriKind.Absolute, out var address) || address.Scheme is not ("amqp" or "amqps"))
            return [Finding.Fault("broker", "The setting bus is not an address of a broker.", "Write it like amqp://user:password@host:5672/ in GDM_BUS.")];
        await using var bus = new RabbitMqBus(address, "doctor");
        return await ClusterDiagnosis.BrokerAsync(bus, cancellation);
    }

    private static async Task<IReadOnlyList<Finding>> StoreAsync(NodeSettings settings, ClusterDiagnosis diagnosis, CancellationToken cancellation)
    {
        if (settings.Store.Length == 0 && settings.Bus.Length > 0)
            return [Finding.Ok("job-store", "No job store is named: right for workers and aggregators, too little for coordinator and service (GDM_STORE).")];
        if (settings.Store.Length == 0 && !File.Exists(Path.Combine(settings.Data, "jobs.db")))
            return [Finding.Ok("job-store", $"There is no job store in {settings.Data} yet: 'gdm host all' makes it.")];
        try
        {
            await using var store = ClusterNode.OpenStore(settings, TimeProvider.System);
            var findings = await diagnosis.StoreAsync(store, cancellation);
            return findings.Any(finding => finding is { Check: "job-store", Level: Finding.Bad })
                ? findings
                : [.. findings, .. await diagnosis.NodesAsync(store, JobRecord.SoftwareVersion, cancellation)];
        }
        catch (JobStoreException error)
        {
            return [Finding.Fault("job-store", error.Message)];
        }
    }
}
