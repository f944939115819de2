using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace GdmOptEtq.Architecture.Tests.Manifests;

/// <summary>
/// Checks manifests against the published types of Kubernetes and KEDA: every document becomes a constant of its type in TypeScript, whose compiler then
/// complains of wrong types and of fields that do not exist.
/// </summary>
internal static class TypeCheck
{
    private static readonly string Folder = Path.Combine(SharedData.RepositoryRoot, "tests", "Architecture.Tests", "Manifests", "typecheck");
    private static readonly string Compiler = Path.Combine(Folder, "node_modules", "typescript", "bin", "tsc");

    public static string? Missing =>
        File.Exists(Compiler) ? null : "the npm packages in tests/Architecture.Tests/Manifests/typecheck are not installed: ./gdm test installs them (npm ci).";

    /// <summary>The compiler's complaints, by name of the set; nothing for a set without any.</summary>
    public static ILookup<string, string> Complaints(IReadOnlyDictionary<string, IReadOnlyList<Manifest>> sets)
    {
        using var scratch = new TypeCheckFolder(Folder);
        foreach (var (name, manifests) in sets)
            File.WriteAllText(Path.Combine(scratch.Path, name + ".ts"), Program(manifests));
        var start = new ProcessStartInfo("node") { WorkingDirectory = scratch.Path, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in (string[])[Compiler, "--project", scratch.Path, "--pretty", "false"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var complaints = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.Contains(": error TS", StringComparison.Ordinal)).ToList();
        if ((process.ExitCode != 0) != (complaints.Count > 0) || complaints.Any(line => !line.Contains(".ts(", StringComparison.Ordinal)))
            throw new InvalidOperationException($"The TypeScript compiler ended with {process.ExitCode}: {output}");
        return complaints.ToLookup(line => Path.GetFileNameWithoutExtension(line[..line.IndexOf('(')]));
    }

    private static string Program(IReadOnlyList<Manifest> manifests)
    {
        var text = new StringBuilder();
        for (int i = 0; i < manifests.Count; i++)
        {
            var manifest = manifests[i];
            string package = manifest.ApiVersion.StartsWith("keda.sh/", StringComparison.Ordinal) ? "@kubernetes-models/keda" : "kubernetes-models";
            text.Append($"import {{ I{manifest.Kind} as T{i} }} from \"{package}/{manifest.ApiVersion}\";\n");
            text.Append($"// {manifest.Title}\nexport const d{i}: T{i} = {manifest.Body.ToJsonString(new JsonSerializerOptions { WriteIndented = true })};\n");
        }

        return text.ToString();
    }

    // Beside the packages, because the compiler looks for them upwards from the sources.
    private sealed class TypeCheckFolder : IDisposable
    {
        public TypeCheckFolder(string parent)
        {
            Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, "node_modules", $".check-{Guid.NewGuid():N}")).FullName;
            File.Copy(System.IO.Path.Combine(parent, "tsconfig.json"), System.IO.Path.Combine(Path, "tsconfig.json"));
        }

        public string Path { get; }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
