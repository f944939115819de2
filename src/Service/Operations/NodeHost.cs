using GdmOptEtq.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Service.Operations;

/// <summary>A process of the cluster with its small web server for health and metrics.</summary>
public static class NodeHost
{
    /// <summary>
    /// Runs until cancelled (SIGTERM, Ctrl-C) or evicted: then what is in work is handed back and the process ends.
    /// </summary>
    /// <param name="settings">Checked by the caller.</param>
    /// <param name="roles">What this process does.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="started">Told the address that is listened on.</param>
    /// <param name="cancellation">Ends the process.</param>
    public static async Task RunAsync(NodeSettings settings, IReadOnlyCollection<string> roles, string version, Action<string> started, CancellationToken cancellation)
    {
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
        await using var app = builder.Build();
        await using var node = new ClusterNode(settings, roles, version, TimeProvider.System, app.Services.GetRequiredService<ILoggerFactory>());
        using var metrics = new PrometheusText();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        node.Evicted += ending.Cancel;
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
