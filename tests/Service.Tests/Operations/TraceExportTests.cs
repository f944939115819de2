using System.Net;
using System.Net.Sockets;
using System.Text;
using GdmOptEtq.Cluster;
using GdmOptEtq.Cluster.Messages;
using GdmOptEtq.Service.Operations;

namespace GdmOptEtq.Service.Tests.Operations;

public sealed class TraceExportTests
{
    [Fact]
    public async Task Spans_reach_the_collector_that_the_settings_name()
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        int number = ((IPEndPoint)port.LocalEndpoint).Port;
        port.Stop();
        using var collector = new HttpListener();
        collector.Prefixes.Add($"http://127.0.0.1:{number}/");
        collector.Start();
        var arrived = Task.Run(async () =>
        {
            var context = await collector.GetContextAsync();
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            context.Response.Close();
            return (context.Request.Url!.AbsolutePath, context.Request.ContentType, Body: Encoding.Latin1.GetString(body.ToArray()));
        });

        var job = JobId.New(TimeProvider.System);
        using (TraceExport.Start(new NodeSettings { Traces = $"http://127.0.0.1:{number}", Node = "w1" }, "1.2.3"))
        {
            var envelope = Envelope.Read(Envelope.Write(new CorrelateTile(job, 3, 1), "m", null));
            using var span = Tracing.Begin(envelope, new CorrelateTile(job, 3, 1), "w1");
            span.ShouldNotBeNull();
            span.TraceId.ToHexString().ShouldBe(job.Value);
        }

        var (path, type, sent) = await arrived.WaitAsync(TimeSpan.FromMinutes(1));
        path.ShouldBe("/v1/traces");
        type.ShouldBe("application/x-protobuf");
        sent.ShouldContain("CorrelateTile");
        sent.ShouldContain(job.Value);
        sent.ShouldContain("gdm-opt-etq");
    }

    [Fact]
    public void Without_a_collector_there_is_no_span()
    {
        TraceExport.Start(new NodeSettings(), "1.2.3").ShouldBeNull();
        new NodeSettings { Traces = "collector:4318" }.Faults([]).ShouldContain(fault => fault.Contains("traces", StringComparison.Ordinal));
    }
}
