using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Access;
using GdmOptEtq.Service.Catalogue;
using GdmOptEtq.Service.Files;
using GdmOptEtq.Service.Http;
using GdmOptEtq.Service.Jobs;
using GdmOptEtq.Service.OpenApi;
using GdmOptEtq.Service.Operations;
using GdmOptEtq.Service.Page;
using GdmOptEtq.Service.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
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
        // Uploads raise the limit for themselves.
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = RequestBody.MaximumBytes);
        var services = builder.Services;
        services.AddApiDocument();
        services.AddSingleton(settings);
        services.AddSingleton<IJobStore>(provider => provider.GetRequiredService<ClusterNode>().Store);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ProductCatalogue>().AddSingleton<UploadStore>().AddSingleton<RemoteAccess>().AddSingleton<InputSources>();
        services.AddSingleton(provider => new ApiKeys(settings.KeyFileIn(provider.GetRequiredService<NodeSettings>()), TimeProvider.System));
        services.AddSingleton<AuditLog>().AddSingleton<CallerRate>().AddSingleton<AccessGate>();
        services.AddSingleton<JobQuota>().AddSingleton<JobDismissal>().AddSingleton<JobResubmission>().AddSingleton<JobEvents>();
        services.AddSingleton<EchoRunner>().AddHostedService(provider => provider.GetRequiredService<EchoRunner>());
        services.AddHostedService<InputFetcher>().AddHostedService<Callbacks>();
    }

    /// <summary>Every route of the role.</summary>
    public static void MapService(this WebApplication app)
    {
        app.UseProblems();
        app.UseAccess();
        app.MapLanding();
        app.MapApi();
        app.MapProcesses();
        app.MapExecution();
        app.MapJobs();
        app.MapCatalogue();
        app.MapUploads();
        app.MapResultFiles();
        app.MapPage();
        app.MapProfiles();
        app.MapOperations();
    }
}
