using GdmOptEtq.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Service.Operations;

/// <summary>A process of the cluster with its web server: health and metrics in every role, the whole API in the role service.</summary>
public static class NodeHost
{
    private const int LeastPoolThreads = 32;

    /// <summary>
    /// Runs until cancelled (SIGTERM, Ctrl-C) or evicted: then what is in work is handed back and the process ends.
    /// </summary>
    /// <param name="settings">Checked by the caller.</param>
    /// <param name="service">Settings of the role service; null where the process does not play it.</param>
    /// <param name="roles">What this process does.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="started">Told the address that is listened on.</param>
    /// <param name="cancellation">Ends the process.</param>
    public static async Task RunAsync(
        NodeSettings settings, ServiceSettings? service, IReadOnlyCollection<string> roles, string version, Action<string> started, CancellationToken cancellation)
    {
        // SQLite and files answer on the thread that asks, and a pool of two would grow by one thread in half a second only.
        ThreadPool.GetMinThreads(out int threads, out int completionThreads);
        ThreadPool.SetMinThreads(Math.Max(threads, LeastPoolThreads), completionThreads);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(settings.Listen);
        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss'Z' ";
            console.UseUtcTimestamp = true;
        });
        // Results belong on stdout, diagnostics on stderr.
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(services => new ClusterNode(settings, roles, version, TimeProvider.System, services.GetRequiredService<ILoggerFactory>()));
        if (service is not null)
            builder.AddService(service);
        await using var app = builder.Build();
        var node = app.Services.GetRequiredService<ClusterNode>();
        using var metrics = new PrometheusText();
        using var traces = TraceExport.Start(settings, version);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        node.Evicted += ending.Cancel;
        if (service is not null)
        {
            // The first request may come as soon as the port is open, and it must find the tables.
            await node.PrepareStoreAsync(cancellation);
            app.MapService();
        }

        app.MapHealth(node, metrics);
        await app.StartAsync(cancellation);
        started(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        try
        {
            await node.RunAsync(ending.Token);
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
        }
    }
}
