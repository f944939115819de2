using GdmOptEtq.Cluster;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GdmOptEtq.Service.Operations;

/// <summary>Sends the spans of a node to the collector that the setting <c>traces</c> names (OTLP over HTTP). Without it nothing is loaded and nothing measured.</summary>
public static class TraceExport
{
    /// <returns>To be disposed at the end, which sends what is left; null without a collector.</returns>
    public static IDisposable? Start(NodeSettings settings, string version) => settings.Traces.Length > 0 ? Begin(settings, version) : null;

    // A method of its own, so that an idle node without a collector does not load the assemblies.
    private static TracerProvider Begin(NodeSettings settings, string version) => Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => resource.AddService("gdm-opt-etq", serviceVersion: version, serviceInstanceId: settings.NodeName))
        .AddSource(Tracing.SourceName)
        .AddOtlpExporter(exporter =>
        {
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = new Uri(settings.Traces.TrimEnd('/') + "/v1/traces");
        })
        .Build();
}
