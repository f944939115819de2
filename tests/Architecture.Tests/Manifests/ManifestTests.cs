using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace GdmOptEtq.Architecture.Tests.Manifests;

/// <summary>The rendered overlays, and the compiler's complaints of them and of copies with a planted fault, all from one run of the compiler.</summary>
public sealed class RenderedOverlays
{
    private readonly Lazy<ILookup<string, string>> _complaints;

    public RenderedOverlays() => _complaints = new(() => TypeCheck.Complaints(Sets()));

    internal static string[] Overlays { get; } = ["local", "production"];

    internal ILookup<string, string> Complaints => _complaints.Value;

    internal static IReadOnlyList<Manifest> Read(string overlay) => Manifest.Read(File.ReadAllText(Rendered(overlay)));

    internal static string Rendered(string overlay) => Path.Combine(SharedData.RepositoryRoot, "k8s", "rendered", overlay + ".yaml");

    /// <summary>The production overlay with one document changed.</summary>
    internal static IReadOnlyList<Manifest> Changed(string kind, string name, Action<JsonObject> change) =>
        [.. Read("production").Select(manifest => manifest.Kind == kind && manifest.Name == name ? manifest.With(change) : manifest)];

    private static Dictionary<string, IReadOnlyList<Manifest>> Sets()
    {
        var sets = Overlays.ToDictionary(overlay => overlay, Read);
        sets["misspelt-probe"] = Changed("Deployment", "gdm-coordinator", body => Rename(Container(body), "readinessProbe", "readynessProbe"));
        sets["misspelt-grace"] = Changed("StatefulSet", "postgres", body => Rename(body["spec"]!["template"]!["spec"]!.AsObject(), "terminationGracePeriodSeconds", "terminationGracePeriodSecs"));
        sets["misspelt-scaling"] = Changed("ScaledObject", "gdm-correlation-worker", body => Rename(body["spec"]!.AsObject(), "maxReplicaCount", "maxReplicas"));
        sets["wrong-type"] = Changed("Service", "gdm-service", body => body["spec"]!["ports"]![0]!["port"] = "eighty");
        return sets;
    }

    internal static JsonObject Container(JsonObject body) => body["spec"]!["template"]!["spec"]!["containers"]![0]!.AsObject();

    private static void Rename(JsonObject parent, string from, string to)
    {
        parent[to] = parent[from]!.DeepClone();
        parent.Remove(from);
    }
}

/// <summary>A test that needs the npm packages of the typed check.</summary>
public sealed class TypeCheckFactAttribute : FactAttribute
{
    public TypeCheckFactAttribute() => Skip = TypeCheck.Missing;
}

/// <summary>A test that needs a kubectl with components and replicas in its kustomize.</summary>
public sealed class KubectlFactAttribute : FactAttribute
{
    public KubectlFactAttribute() => Skip = Missing;

    private static string? Missing
    {
        get
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo("kubectl", "version --client -o json") { RedirectStandardOutput = true, RedirectStandardError = true })!;
                string text = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                string? minor = JsonNode.Parse(text)?["clientVersion"]?["minor"]?.GetValue<string>();
                return int.Parse(minor!.TrimEnd('+')) >= 27 ? null : $"kubectl 1.{minor} is too old to render the overlays (1.27 is needed); their digest is checked all the same.";
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception or System.Text.Json.JsonException or NullReferenceException or FormatException)
            {
                return "kubectl is not installed and not to be had from Debian in a version that renders the overlays; their digest is checked all the same.";
            }
        }
    }
}

public sealed class ManifestTests(RenderedOverlays rendered) : IClassFixture<RenderedOverlays>
{
    private static readonly string Root = SharedData.RepositoryRoot;

    public static TheoryData<string> Overlays => [.. RenderedOverlays.Overlays];

    [Fact]
    public void Every_overlay_is_rendered_from_the_sources_as_they_are()
    {
        var lines = ((string[])["cluster-config", "k8s/base", "k8s/components", "k8s/overlays"])
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories))
            .Where(file => Path.GetFileName(file) != "README.md").Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal)
            .Select(file => $"{Digest(File.ReadAllBytes(Path.Combine(Root, file)))}  {file}\n");
        string digest = Digest(Encoding.UTF8.GetBytes(string.Concat(lines)));
        Directory.GetDirectories(Path.Combine(Root, "k8s", "overlays")).Select(Path.GetFileName).Order().ShouldBe(RenderedOverlays.Overlays);
        foreach (string overlay in RenderedOverlays.Overlays)
            File.ReadLines(RenderedOverlays.Rendered(overlay)).First().ShouldEndWith(digest, customMessage: "run k8s/render");
    }

    [KubectlFact]
    public void What_kubectl_renders_is_what_is_kept()
    {
        foreach (string overlay in RenderedOverlays.Overlays)
        {
            var start = new ProcessStartInfo("kubectl") { RedirectStandardOutput = true, RedirectStandardError = true };
            start.ArgumentList.Add("kustomize");
            start.ArgumentList.Add(Path.Combine(Root, "k8s", "overlays", overlay));
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            process.ExitCode.ShouldBe(0, errors.Result);
            string kept = File.ReadAllText(RenderedOverlays.Rendered(overlay));
            text.ShouldBe(kept[(kept.IndexOf('\n') + 1)..], "run k8s/render");
        }
    }

    [TypeCheckFact]
    public void Every_field_of_every_overlay_exists_and_has_the_right_type()
    {
        foreach (string overlay in RenderedOverlays.Overlays)
            rendered.Complaints[overlay].ShouldBeEmpty();
    }

    [TypeCheckFact]
    public void The_typed_check_finds_planted_faults()
    {
        rendered.Complaints["misspelt-probe"].ShouldHaveSingleItem().ShouldContain("readynessProbe");
        rendered.Complaints["misspelt-grace"].ShouldHaveSingleItem().ShouldContain("terminationGracePeriodSecs");
        rendered.Complaints["misspelt-scaling"].ShouldHaveSingleItem().ShouldContain("maxReplicas");
        rendered.Complaints["wrong-type"].ShouldHaveSingleItem().ShouldContain("'string' is not assignable to type 'number'");
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Every_overlay_keeps_the_rules(string overlay)
    {
        var manifests = RenderedOverlays.Read(overlay);
        manifests.Count(manifest => manifest.PodSpec is not null).ShouldBe(7);
        ManifestRules.Offences(manifests).ShouldBeEmpty();
    }

    [Fact]
    public void The_rules_find_a_missing_probe() =>
        Offence("Deployment", "gdm-aggregator", body => RenderedOverlays.Container(body).Remove("livenessProbe")).ShouldContain("no livenessProbe");

    [Fact]
    public void The_rules_find_a_container_that_runs_as_root() =>
        Offence("Deployment", "gdm-service", body => RenderedOverlays.Container(body)["securityContext"]!["runAsUser"] = 0L).ShouldContain("runs as root");

    [Fact]
    public void The_rules_find_a_pod_that_may_run_as_root() =>
        Offence("StatefulSet", "rabbitmq", body => body["spec"]!["template"]!["spec"]!["securityContext"]!["runAsNonRoot"] = false).ShouldContain("may run as root");

    [Fact]
    public void The_rules_find_a_literal_secret_in_a_variable() =>
        Offence("Deployment", "gdm-coordinator", body => RenderedOverlays.Container(body)["env"]!.AsArray().Add(new JsonObject { ["name"] = "GDM_BUS", ["value"] = "amqp://gdm:hunter2@rabbitmq/" }))
            .ShouldContain("GDM_BUS holds a password");

    [Fact]
    public void The_rules_find_a_literal_secret_in_a_configuration_file()
    {
        string config = RenderedOverlays.Read("production").Single(manifest => manifest.Kind == "ConfigMap" && manifest.Name.StartsWith("gdm-config", StringComparison.Ordinal)).Name;
        Offence("ConfigMap", config, body => body["data"]!["coordinator.yaml"] = "store: Host=postgres;Username=gdm;Password=hunter2\n").ShouldContain("coordinator.yaml holds a password");
    }

    [Fact]
    public void The_rules_find_an_image_without_a_fixed_tag()
    {
        Offence("Deployment", "gdm-service", body => RenderedOverlays.Container(body)["image"] = "gdm-opt-etq:latest").ShouldContain("no fixed tag");
        Offence("Deployment", "gdm-service", body => RenderedOverlays.Container(body)["image"] = "registry.example.org:5000/gdm-opt-etq").ShouldContain("no fixed tag");
    }

    [Fact]
    public void The_rules_find_memory_without_a_limit() =>
        Offence("Deployment", "gdm-correlation-worker", body => RenderedOverlays.Container(body)["resources"]!.AsObject().Remove("limits")).ShouldContain("the limit of memory");

    [Fact]
    public void The_rules_find_a_budget_and_a_service_that_select_nothing()
    {
        ManifestRules.Offences(RenderedOverlays.Changed("PodDisruptionBudget", "gdm-aggregator", body => body["spec"]!["selector"]!["matchLabels"]!["app.kubernetes.io/component"] = "agregator"))
            .ShouldBe(["Deployment gdm-aggregator: no PodDisruptionBudget", "PodDisruptionBudget gdm-aggregator: its selector matches the pods of 0 workloads instead of one"], ignoreOrder: true);
        Offence("Service", "gdm-service", body => body["spec"]!["selector"]!["app.kubernetes.io/component"] = "web").ShouldContain("matches the pods of 0 workloads");
        Offence("Service", "gdm-service", body => body["spec"]!["ports"]![0]!["targetPort"] = "web").ShouldContain("no container has a port named web");
    }

    [Fact]
    public void The_rules_find_an_open_network()
    {
        ManifestRules.Offences([.. RenderedOverlays.Read("production").Where(manifest => manifest.Name != "default-deny")]).ShouldHaveSingleItem().ShouldContain("denies everything");
        Offence("NetworkPolicy", "store", body => body["spec"]!["ingress"]![0]!.AsObject().Remove("from")).ShouldContain("opens everything");
    }

    [Fact]
    public void The_rules_find_scaling_by_a_queue_that_the_program_does_not_have() =>
        Offence("ScaledObject", "gdm-aggregator", body => body["spec"]!["triggers"]![0]!["metadata"]!["queueName"] = "gdm.agregate").ShouldContain("has no queue gdm.agregate");

    [Fact]
    public void Every_role_of_the_program_has_a_Deployment_that_calls_it_with_its_settings()
    {
        var host = Cli.Program.Commands().Subcommands.Single(command => command.Name == "host");
        foreach (string role in (string[])["coordinator", "correlation-worker", "aggregator"])
        {
            var container = RenderedOverlays.Container(RenderedOverlays.Read("production").Single(manifest => manifest.Name == $"gdm-{role}" && manifest.Kind == "Deployment").Body);
            container["args"]!.AsArray().Select(word => word!.GetValue<string>()).ShouldBe(["host", role, "--config", $"/etc/gdm/{role}.yaml"]);
            host.Subcommands.ShouldContain(command => command.Name == role);
        }

        host.Subcommands.ShouldContain(command => command.Name == "migrate");
    }

    [Fact]
    public void Every_settings_file_is_understood()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Root, "cluster-config"), "*.yaml").Where(file => Path.GetFileName(file) != "kustomization.yaml"))
        {
            var reasons = new List<string>();
            var settings = new Cluster.NodeSettings();
            var service = new Service.ServiceSettings();
            foreach (var (name, values) in Pipeline.Parameters.ConfigurationFile.Read(file))
            {
                string value = string.Join(',', values), origin = $"in {file}";
                if (Path.GetFileName(file) == "service.yaml" && Service.ServiceSettings.Names.ContainsKey(name))
                    service = service.With(name, value, origin, reasons);
                else
                    settings = settings.With(name, value, origin, reasons);
            }

            reasons.ShouldBeEmpty();
            settings.ShouldNotBe(new Cluster.NodeSettings());
        }
    }

    [Fact]
    public void The_image_is_built_from_fixed_images_for_an_account_that_is_not_root()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Root, "Dockerfile"));
        var images = lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]).ToList();
        images.ShouldAllBe(image => image.Contains(':') && !image.EndsWith(":latest", StringComparison.Ordinal));
        long user = RenderedOverlays.Read("production").Single(manifest => manifest.Title == "Deployment gdm-service").PodSpec!["securityContext"]!["runAsUser"]!.GetValue<long>();
        lines.ShouldContain($"USER {user}");
        foreach (string source in lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')[1..^1]))
            Path.Exists(Path.Combine(Root, source)).ShouldBeTrue(source);
    }

    private static string Offence(string kind, string name, Action<JsonObject> change) =>
        ManifestRules.Offences(RenderedOverlays.Changed(kind, name, change)).ShouldHaveSingleItem();

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
