using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GdmOptEtq.Architecture.Tests.Manifests;

/// <summary>What the manifests of one overlay must keep beyond their types: one sentence per offence.</summary>
internal static partial class ManifestRules
{
    public static IReadOnlyList<string> Offences(IReadOnlyList<Manifest> manifests) =>
    [
        .. manifests.Where(manifest => manifest.PodSpec is not null).SelectMany(Pod),
        .. manifests.SelectMany(manifest => Selector(manifest, manifests)),
        .. manifests.SelectMany(SecretLiterals),
        .. manifests.SelectMany(manifest => References(manifest, manifests)),
        .. Network(manifests),
    ];

    private static IEnumerable<string> Pod(Manifest manifest)
    {
        var pod = manifest.PodSpec!;
        var security = pod["securityContext"];
        if (!True(security?["runAsNonRoot"]))
            yield return $"{manifest.Title}: the pod may run as root (runAsNonRoot)";
        if (security?["runAsUser"]?.GetValue<long>() is null or 0)
            yield return $"{manifest.Title}: the pod names no account other than root (runAsUser)";
        if (security?["seccompProfile"]?["type"]?.GetValue<string>() != "RuntimeDefault")
            yield return $"{manifest.Title}: no seccomp profile";
        if (pod["automountServiceAccountToken"]?.GetValue<bool>() != false)
            yield return $"{manifest.Title}: gets a token of the Kubernetes API";
        foreach (string shared in (string[])["hostNetwork", "hostPID", "hostIPC"])
        {
            if (True(pod[shared]))
                yield return $"{manifest.Title}: uses the machine's own {shared}";
        }

        bool served = manifest.Kind is "Deployment" or "StatefulSet";
        if (served && pod["terminationGracePeriodSeconds"] is null)
            yield return $"{manifest.Title}: no terminationGracePeriodSeconds";
        foreach (var volume in pod["volumes"]?.AsArray() ?? [])
        {
            if (volume!["hostPath"] is not null)
                yield return $"{manifest.Title}: mounts a folder of the machine";
            if (volume["emptyDir"] is { } empty && empty["sizeLimit"] is null)
                yield return $"{manifest.Title}: the volume {volume["name"]} has no limit";
        }

        foreach (var container in manifest.Containers)
        {
            foreach (string offence in Container(container, served))
                yield return $"{manifest.Title}, container {container["name"]}: {offence}";
        }
    }

    private static IEnumerable<string> Container(JsonNode container, bool served)
    {
        var security = container["securityContext"];
        if (security?["allowPrivilegeEscalation"]?.GetValue<bool>() != false)
            yield return "may gain privileges (allowPrivilegeEscalation)";
        if (!True(security?["readOnlyRootFilesystem"]))
            yield return "may write into its image (readOnlyRootFilesystem)";
        if (True(security?["privileged"]) || security?["runAsUser"]?.GetValue<long>() == 0 || security?["runAsNonRoot"]?.GetValue<bool>() == false)
            yield return "runs as root";
        if (security?["capabilities"]?["drop"]?.AsArray().Select(drop => drop!.GetValue<string>()).Contains("ALL") != true || security["capabilities"]!["add"] is not null)
            yield return "keeps capabilities";
        string image = container["image"]?.GetValue<string>() ?? "";
        if (!TaggedImage().IsMatch(image) || image.EndsWith(":latest", StringComparison.Ordinal))
            yield return $"the image '{image}' has no fixed tag";
        var resources = container["resources"];
        if (resources?["requests"]?["cpu"] is null || resources["requests"]?["memory"] is null)
            yield return "requests no processor or memory";
        string? memory = resources?["limits"]?["memory"]?.GetValue<string>();
        if (memory is null || memory != resources!["requests"]?["memory"]?.GetValue<string>())
            yield return "the limit of memory differs from what is requested";
        if (!served)
            yield break;
        foreach (string probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
        {
            if (container[probe] is not { } found)
                yield return $"no {probe}";
            else if (found["httpGet"] is { } get && get["path"]?.GetValue<string>() != $"/health/{(probe == "startupProbe" ? "startup" : probe == "livenessProbe" ? "live" : "ready")}")
                yield return $"{probe} asks {get["path"]}";
        }
    }

    // A selector that matches nothing protects or serves nothing, silently.
    private static IEnumerable<string> Selector(Manifest manifest, IReadOnlyList<Manifest> all)
    {
        var wanted = manifest.Kind switch
        {
            "Service" => Manifest.Labels(manifest.Body["spec"]?["selector"]),
            "PodDisruptionBudget" or "Deployment" or "StatefulSet" => Manifest.Labels(manifest.Body["spec"]?["selector"]?["matchLabels"]),
            _ => null,
        };
        if (wanted is null)
            yield break;
        var chosen = all.Where(other => other.PodSpec is not null && wanted.Count > 0 && wanted.All(label => other.PodLabels.GetValueOrDefault(label.Key) == label.Value)).ToList();
        if (chosen.Count != 1)
            yield return $"{manifest.Title}: its selector matches the pods of {chosen.Count} workloads instead of one";
        else if (manifest.PodSpec is not null && chosen[0] != manifest)
            yield return $"{manifest.Title}: its selector matches the pods of {chosen[0].Title}";
        else if (manifest.Kind == "Service")
        {
            var ports = chosen[0].Containers.SelectMany(container => container["ports"]?.AsArray() ?? []).Select(port => port!["name"]?.GetValue<string>()).ToHashSet();
            foreach (var port in manifest.Body["spec"]!["ports"]!.AsArray())
            {
                if (!ports.Contains(port!["targetPort"]?.GetValue<string>()))
                    yield return $"{manifest.Title}: no container has a port named {port["targetPort"]}";
            }
        }

        if (manifest.Kind is "Deployment" or "StatefulSet" && !all.Any(other => other.Kind == "PodDisruptionBudget"
                && Manifest.Labels(other.Body["spec"]?["selector"]?["matchLabels"]) is { Count: > 0 } labels
                && labels.All(label => manifest.PodLabels.GetValueOrDefault(label.Key) == label.Value)))
            yield return $"{manifest.Title}: no PodDisruptionBudget";
    }

    private static IEnumerable<string> SecretLiterals(Manifest manifest)
    {
        if (manifest.Kind == "Secret")
            yield return $"{manifest.Title}: a secret must not stand in the manifests";
        if (manifest.Kind == "ConfigMap")
        {
            foreach (var (file, text) in manifest.Body["data"]?.AsObject() ?? [])
            {
                if (SecretInText().IsMatch(text!.GetValue<string>()) || SecretName().IsMatch(file))
                    yield return $"{manifest.Title}: {file} holds a password or a key";
            }
        }

        foreach (var container in manifest.Containers)
        {
            foreach (var variable in container["env"]?.AsArray() ?? [])
            {
                string name = variable!["name"]!.GetValue<string>();
                string value = variable["value"]?.ToString() ?? "";
                if (value.Length > 0 && (SecretName().IsMatch(name) || SecretInText().IsMatch(value)))
                    yield return $"{manifest.Title}: {name} holds a password or a key in plain words";
            }

            string line = string.Join(' ', ((string[])["command", "args"]).SelectMany(list => container[list]?.AsArray() ?? []).Select(word => word!.ToString()));
            if (SecretInText().IsMatch(line))
                yield return $"{manifest.Title}: its command line holds a password or a key";
        }
    }

    private static IEnumerable<string> References(Manifest manifest, IReadOnlyList<Manifest> all)
    {
        bool Has(string kind, string? name) => all.Any(other => other.Kind == kind && other.Name == name);
        foreach (var volume in manifest.PodSpec?["volumes"]?.AsArray() ?? [])
        {
            if (volume!["configMap"]?["name"]?.GetValue<string>() is { } map && !Has("ConfigMap", map))
                yield return $"{manifest.Title}: there is no ConfigMap {map}";
            if (volume["persistentVolumeClaim"]?["claimName"]?.GetValue<string>() is { } claim && !Has("PersistentVolumeClaim", claim))
                yield return $"{manifest.Title}: there is no PersistentVolumeClaim {claim}";
        }

        if (manifest.PodSpec?["serviceAccountName"]?.GetValue<string>() is { } account && !Has("ServiceAccount", account))
            yield return $"{manifest.Title}: there is no ServiceAccount {account}";
        if (manifest.Kind == "ScaledObject")
        {
            string? target = manifest.Body["spec"]?["scaleTargetRef"]?["name"]?.GetValue<string>();
            var scaled = all.FirstOrDefault(other => other.Kind == "Deployment" && other.Name == target);
            if (scaled is null)
                yield return $"{manifest.Title}: there is no Deployment {target}";
            else if (scaled.Body["spec"]!["replicas"] is not null)
                yield return $"{manifest.Title}: {scaled.Title} names a number of replicas, too";
            foreach (var trigger in manifest.Body["spec"]?["triggers"]?.AsArray() ?? [])
            {
                string? queue = trigger!["metadata"]?["queueName"]?.GetValue<string>();
                if (queue is null || !Cluster.Bus.Queues.Durable.Contains(queue))
                    yield return $"{manifest.Title}: the program has no queue {queue}";
                if (trigger["authenticationRef"]?["name"]?.GetValue<string>() is not { } login || !Has("TriggerAuthentication", login))
                    yield return $"{manifest.Title}: no TriggerAuthentication";
            }
        }
    }

    private static IEnumerable<string> Network(IReadOnlyList<Manifest> all)
    {
        var policies = all.Where(manifest => manifest.Kind == "NetworkPolicy").ToList();
        bool denies = policies.Any(policy => policy.Body["spec"] is { } spec && spec["podSelector"] is JsonObject { Count: 0 } && spec["ingress"] is null && spec["egress"] is null
            && spec["policyTypes"]!.AsArray().Select(type => type!.GetValue<string>()).Order().SequenceEqual(["Egress", "Ingress"]));
        if (!denies)
            yield return "no NetworkPolicy denies everything by default";
        foreach (var policy in policies)
        {
            var direction = new[] { "ingress", "egress" }.SelectMany(name => policy.Body["spec"]![name]?.AsArray() ?? []).ToList();
            foreach (var rule in direction)
            {
                if (rule!["ports"] is null || (rule["from"] ?? rule["to"]) is null)
                    yield return $"{policy.Title}: a rule without a port or without a peer opens everything";
            }
        }
    }

    private static bool True(JsonNode? node) => node?.GetValue<bool>() == true;

    [GeneratedRegex(@"^[^\s:]+(:\d+/[^\s:]+)?:[\w.-]+$|@sha256:[0-9a-f]{64}$")]
    private static partial Regex TaggedImage();

    [GeneratedRegex("PASS|SECRET|TOKEN|COOKIE|CREDENTIAL|API_?KEY|ACCESS_KEY|_KEY$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"://[^\s/:@]+:[^\s/@]+@|Password\s*=\s*[^\s;]|^\s*(?:bus|store)\s*:\s*\S*(?:@|Password)|default_pass\s*=|AKIA[0-9A-Z]{16}|-----BEGIN", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex SecretInText();
}
