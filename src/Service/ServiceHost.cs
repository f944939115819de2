using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Files;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Jobs;
using GdmOptEtq.Service.Operations;
using GdmOptEtq.Service.Page;
using GdmOptEtq.Service.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GdmOptEtq.Service;

/// <summary>
/// The role service: modules of routes, one static class per folder, behind one door (<see cref="AccessGate"/>). Handlers translate and no more: the truth
/// is in the job store, the files are in the results folder.
/// </summary>
public static class ServiceHost
{
    /// <summary>What handlers may ask for.</summary>
    public static void AddService(this WebApplicationBuilder builder, ServiceSettings settings)
    {
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<IJobStore>(services => services.GetRequiredService<ClusterNode>().Store);
        builder.Services.AddSingleton(TimeProvider.System);
    }

    /// <summary>Every route of the role.</summary>
    public static void MapService(this WebApplication app)
    {
        app.UseProblems();
        app.UseAccess();
        app.MapLanding();
        app.MapProcesses();
        app.MapJobs();
        app.MapPage();
        app.MapResultFiles();
        app.MapOperations();
    }
}
